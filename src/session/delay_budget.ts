/** How many refusals are kept back, so that their memory is bounded. @module */

/** How long a refusal is kept back, in milliseconds. */
export const DELAY_MS = 1_000;

/** Refusals that are kept back in a period of that length: of one address, and of all. */
const MAX_OF_ONE = 64;
const MAX_OF_ALL = 1_024;

/** Counts the delays of one period after the other; at most twice as many overlap. */
export class DelayBudget {
  readonly #now: () => number;
  readonly #taken = new Map<string, number>();
  #all = 0;
  #since = -Infinity;

  /** @param now the time in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How long a refusal of `host` is to be kept back: DELAY_MS, or 0 where too many are. */
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
