/** Waiting that can be cut short. @module */

/** Resolves after `ms`, or at once when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** Cuts the waits short that began by it. */
export class Hurry {
  #now = new AbortController();

  /** As {@linkcode sleep}, and no longer than until {@linkcode now}. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, AbortSignal.any([signal, this.#now.signal]));
  }

  /** Ends the waits of this moment. */
  now(): void {
    this.#now.abort();
    this.#now = new AbortController();
  }
}
