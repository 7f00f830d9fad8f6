/** Ends a run of `j` cleanly when a signal comes. @module */
import { exitCode, isShared, onSignals } from "../base/signals.ts";

/** The run was ended by a signal of the system. */
export class Interrupted extends Error {
  override name = "Interrupted";

  /** @param code the exit code */
  constructor(readonly code: number) {
    super("interrupted");
  }
}

/** How long a command may go on after a signal, in milliseconds: ending a transfer takes up to 4 s. */
const GRACE_MS = 5_000;

/**
 * The outcome of `command`, which ends soon after `signal` itself, unless it waits for a program
 * that neither reads nor closes its end of a pipe.
 *
 * @throws the signal's reason
 */
export async function endingSoonAfter<T>(
  signal: AbortSignal,
  command: Promise<T>,
  graceMs = GRACE_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => timer = setTimeout(() => reject(signal.reason), graceMs);
  signal.addEventListener("abort", begin);
  try {
    return await Promise.race([command, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", begin);
  }
}

/** Returns an AbortSignal that SIGINT, SIGTERM or SIGHUP aborts; a second one ends the process. */
export function untilInterrupted(): Disposable & { readonly signal: AbortSignal } {
  const abort = new AbortController();
  const handlers = onSignals(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    // A program in the foreground gets the signal as well, and decides itself when it ends.
    if (abort.signal.aborted && !isShared(name)) Deno.exit(exitCode(name));
    abort.abort(new Interrupted(exitCode(name)));
  });
  return { signal: abort.signal, [Symbol.dispose]: () => handlers[Symbol.dispose]() };
}
