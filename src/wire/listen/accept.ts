/** Accepts connections, and survives a lack of descriptors. @module */
import { isOutOfFiles, outOfFilesAdvice } from "../../libc/file_limit.ts";
import { yieldToEventLoop } from "../../base/event_loop.ts";
import { sleep } from "../../base/sleep.ts";

/** Delay after a connection could not be accepted, in milliseconds. */
const PAUSE_MS = 50;
/** Connections that are accepted in a row before other tasks run. */
const TURN = 16;
/** Warnings of missing descriptors are at least this far apart, in milliseconds. */
const WARN_EVERY_MS = 60_000;

/**
 * Accepts until `listener` is closed.
 *
 * @param warn tells the operator what keeps clients from connecting
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
