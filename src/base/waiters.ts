/** Waiting for a change. @module */

/** The waits for the next `wake`, as of a condition variable. */
export class Waiters {
  readonly #wakers = new Set<() => void>();

  /** Resolves at the next `wake`, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  /** Ends all present waits. */
  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
