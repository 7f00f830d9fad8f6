/** Notices that the clock of the host was set. @module */

/** A smaller difference is a correction while the clock runs, or a process that was held up. */
const JUMP_MS = 5_000;

/** Interval of the comparisons, in milliseconds. */
const INTERVAL_MS = 500;

/** Compares the time of day with the time that has passed, until it is disposed. */
export class ClockWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #offset: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #now: () => number;

  /** @param now the time of day, in milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#offset = this.#difference();
    this.#timer = setInterval(() => this.#compare(), INTERVAL_MS);
  }

  /** Aborts when the clock is set, by the administrator or by the first synchronization. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #compare(): void {
    if (Math.abs(this.#difference() - this.#offset) < JUMP_MS) return;
    clearInterval(this.#timer);
    this.#controller.abort();
  }

  #difference(): number {
    return this.#now() - performance.now();
  }
}
