/** Waiting for news that somebody else will have. @module */

/** Those who wait for the next `wake`. */
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

  /** Wakes everybody who waits now. */
  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
