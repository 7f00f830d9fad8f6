/** Logs events that may come in any number: the first ones, and then the number of further ones. @module */

/** The length of a period, in milliseconds. */
const PERIOD_MS = 5_000;

/** How many lines a period may have. */
export interface RepeatsOptions {
  /** Lines of a period for one key, before the line with the number of further events. */
  readonly lines: number;
  /** Keys of a period that have lines of their own. */
  readonly keys: number;
  /** @default 5_000 */
  readonly periodMs?: number | undefined;
}

/** Writes the number of events that had no line of their own: `17 times more`. */
export type Summary = (times: string, seconds: number) => void;

interface Tally {
  lines: number;
  more: number;
  /** The latest one. */
  sum: Summary;
}

/** Decides which events have a line of their own. */
export class Repeats implements Disposable {
  readonly #lines: number;
  readonly #keys: number;
  readonly #periodMs: number;
  readonly #tallies = new Map<string, Tally>();
  /** Of all keys beyond the first ones. */
  #others: Tally | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ lines, keys, periodMs = PERIOD_MS }: RepeatsOptions) {
    this.#lines = lines;
    this.#keys = keys;
    this.#periodMs = periodMs;
  }

  /**
   * Records an event.
   *
   * @param write writes the event's own line
   * @param sum writes how many more events of the key there were, at the end of the period
   * @param sumOthers the same for the events of all keys that have no lines
   */
  note(key: string, write: () => void, sum: Summary, sumOthers: Summary): void {
    this.#timer ??= this.#schedule();
    const tally = this.#tallyOf(key, sum);
    if (!tally) (this.#others ??= { lines: 0, more: 0, sum: sumOthers }).more += 1;
    else if (tally.lines < this.#lines) {
      tally.lines += 1;
      write();
    } else tally.more += 1;
  }

  /** Writes the summary of the current period. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#sum();
  }

  #schedule(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#sum(), this.#periodMs);
    Deno.unrefTimer(timer as unknown as number);
    return timer;
  }

  #tallyOf(key: string, sum: Summary): Tally | undefined {
    const known = this.#tallies.get(key);
    if (known) known.sum = sum;
    if (known || this.#tallies.size >= this.#keys) return known;
    const tally = { lines: 0, more: 0, sum };
    this.#tallies.set(key, tally);
    return tally;
  }

  #sum(): void {
    const all = [...this.#tallies.values(), ...(this.#others ? [this.#others] : [])];
    this.#tallies.clear();
    this.#others = undefined;
    this.#timer = undefined;
    for (const { more, sum } of all) {
      if (more > 0) sum(more === 1 ? "once more" : `${more} times more`, this.#periodMs / 1000);
    }
  }
}
