/** Process signals as the exporter's supervisor sends them. @module */

/** 128 plus the signal's number, as shells and supervisors expect it. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** The signals that end an exporter. */
export type EndSignal = keyof typeof EXIT_CODES;

/** The exit code of a process that `signal` ended. */
export function exitCode(signal: EndSignal): number {
  return EXIT_CODES[signal];
}

/** Calls `handle` for each of `signals`, until disposed. */
export function onSignals(
  signals: readonly EndSignal[],
  handle: (signal: EndSignal) => void,
): Disposable {
  const stack = new DisposableStack();
  for (const signal of signals) {
    const listener = () => handle(signal);
    Deno.addSignalListener(signal, listener);
    stack.defer(() => Deno.removeSignalListener(signal, listener));
  }
  return stack;
}
