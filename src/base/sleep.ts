/** Sleeping, interruptibly. @module */

/** The longest delay of a timer; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds, or when `signal` aborts; never rejects. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let rest = ms;
  for (; rest > MAX_TIMER_MS && !signal?.aborted; rest -= MAX_TIMER_MS) {
    await sleepAtMostMax(MAX_TIMER_MS, signal);
  }
  await sleepAtMostMax(rest, signal);
}

function sleepAtMostMax(ms: number, signal: AbortSignal | undefined): Promise<void> {
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

/** Sleeps that can be woken together. */
export class SleepGroup {
  #waking = new AbortController();

  /** As the function `sleep`, but resolves at the next {@linkcode wake} at the latest. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, AbortSignal.any([signal, this.#waking.signal]));
  }

  /** Ends all present sleeps. */
  wake(): void {
    this.#waking.abort();
    this.#waking = new AbortController();
  }
}
