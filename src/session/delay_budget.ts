/** Limits the number of delayed refusals, and with it their memory. @module */

/** The delay of a refusal, in milliseconds. */
export const DELAY_MS = 1_000;

/** The most refusals that are delayed in a period of that length: for one host, and for all. */
const MAX_OF_ONE = 64;
const MAX_OF_ALL = 1_024;

/** Counts the delays of each period; at most twice as many are pending at a time. */
export class DelayBudget {
  readonly #now: () => number;
  readonly #taken = new Map<string, number>();
  #all = 0;
  #since = -Infinity;

  /** @param now the time in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The delay of a refusal for `host`: DELAY_MS, or 0 when too many are pending. */
  take(host: string): number {
    this.#renew();
    const mine = this.#taken.get(host) ?? 0;
    if (mine >= MAX_OF_ONE || this.#all >= MAX_OF_ALL) return 0;
    this.#taken.set(host, mine + 1);
    this.#all += 1;
    return DELAY_MS;
  }

  #renew(): void {
    const now = this.#now();
    if (now - this.#since < DELAY_MS) return;
    this.#since = now;
    this.#taken.clear();
    this.#all = 0;
  }
}
