/** Ends a run of `j` cleanly when a signal comes. @module */
import { exitCode, onSignals } from "../base/signals.ts";

/** The run was ended by a signal of the system. */
export class Interrupted extends Error {
  override name = "Interrupted";

  /** @param code the exit code */
  constructor(readonly code: number) {
    super("interrupted");
  }
}

/** Returns an AbortSignal that SIGINT, SIGTERM or SIGHUP aborts; a second one ends the process. */
export function untilInterrupted(): Disposable & { readonly signal: AbortSignal } {
  const abort = new AbortController();
  const handlers = onSignals(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    if (abort.signal.aborted) Deno.exit(exitCode(name));
    abort.abort(new Interrupted(exitCode(name)));
  });
  return { signal: abort.signal, [Symbol.dispose]: () => handlers[Symbol.dispose]() };
}
