/** Handles the signals that end the process. @module */

/** 128 plus the number of the signal, as shells and supervisors expect. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** The signals that end an exporter. */
export type EndSignal = keyof typeof EXIT_CODES;

/** Returns the exit code of a process that `signal` ended. */
export function exitCode(signal: EndSignal): number {
  return EXIT_CODES[signal];
}

/** Number of handlers of each signal. */
const handlers = new Map<EndSignal, number>();

/**
 * Ends the process on a signal without a handler, as the kernel does for every process except
 * the first one of a container.
 */
export function endBySignals(): void {
  for (const signal of Object.keys(EXIT_CODES) as EndSignal[]) {
    Deno.addSignalListener(signal, () => {
      if (!handlers.get(signal)) Deno.exit(exitCode(signal));
    });
  }
}

/** Calls `handle` on each of `signals`, until disposed. */
export function onSignals(
  signals: readonly EndSignal[],
  handle: (signal: EndSignal) => void,
): Disposable {
  const stack = new DisposableStack();
  for (const signal of signals) {
    const listener = () => handle(signal);
    Deno.addSignalListener(signal, listener);
    count(signal, 1);
    stack.defer(() => {
      Deno.removeSignalListener(signal, listener);
      count(signal, -1);
    });
  }
  return stack;
}

/** Whether several parts of the program handle `signal` now. */
export function isShared(signal: EndSignal): boolean {
  return (handlers.get(signal) ?? 0) > 1;
}

function count(signal: EndSignal, change: number): void {
  handlers.set(signal, (handlers.get(signal) ?? 0) + change);
}
