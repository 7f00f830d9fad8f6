/** Accepting connections, also when there are no descriptors left for them. @module */
import { isOutOfFiles, outOfFilesAdvice } from "../../libc/file_limit.ts";
import { yieldToEventLoop } from "../../base/event_loop.ts";
import { sleep } from "../../base/sleep.ts";

/** How long to wait before the next attempt where a connection could not be accepted. */
const PAUSE_MS = 50;
/** Connections that are accepted before those that were have their turn. */
const TURN = 16;
/** How often it is said that descriptors are missing. */
const WARN_EVERY_MS = 60_000;

/**
 * Accepts until `listener` is closed.
 *
 * @param warn says to the operator what keeps clients out
 */
export async function acceptAll(
  listener: { accept(): Promise<Deno.Conn> },
  accept: (conn: Deno.Conn) => void,
  warn: (line: string) => void,
): Promise<void> {
  let warned = -Infinity;
  for (let count = 1;; count++) {
    try {
      accept(await listener.accept());
      if (count % TURN === 0) await yieldToEventLoop();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      if (isOutOfFiles(error) && performance.now() - warned > WARN_EVERY_MS) {
        warned = performance.now();
        warn(`Clients wait, as no more files can be opened: ${outOfFilesAdvice()}`);
      }
      // Or a client that left at once: others still come.
      await sleep(PAUSE_MS);
    }
  }
}
