/** Ends a run of `j` cleanly when a signal comes. @module */
import { exitCode, onSignals } from "../base/signals.ts";

/** A signal came. */
export class Interrupted extends Error {
  override name = "Interrupted";

  /** @param code the exit code */
  constructor(readonly code: number) {
    super("interrupted");
  }
}

/** A signal that is aborted when the first of these signals comes; a second one ends the process. */
export function untilInterrupted(): Disposable & { readonly signal: AbortSignal } {
  const abort = new AbortController();
  const handlers = onSignals(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    if (abort.signal.aborted) Deno.exit(exitCode(name));
    abort.abort(new Interrupted(exitCode(name)));
  });
  return { signal: abort.signal, [Symbol.dispose]: () => handlers[Symbol.dispose]() };
}
