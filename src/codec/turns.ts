/** Shares the event loop among the compressions that run on it, and leaves room for all else. @module */

/** For how long one compression may go on before the event loop is due, in ms. */
const SHARE_MS = 4;

/**
 * Waits for the turn of the one that calls it. To be called before each step of work, whose
 * size the caller bounds: then the event loop is held for `SHARE_MS` and one step at the most,
 * however many compressions there are and whatever they are given.
 */
export type Turn = () => Promise<void>;

/**
 * Gives turns: between two rounds of the event loop only one compression works, those that
 * wait come one after the other.
 */
export class Turns {
  readonly #now: () => number;
  readonly #nextRound: (run: () => void) => void;
  readonly #waiting: { readonly turn: Turn; readonly go: () => void }[] = [];
  /** Whose turn it is. */
  #holder: Turn | undefined;
  #until = 0;

  /** @param nextRound runs something once the event loop has gone round */
  constructor(
    now: () => number = () => performance.now(),
    nextRound: (run: () => void) => void = (run) => void setImmediate(run),
  ) {
    this.#now = now;
    this.#nextRound = nextRound;
  }

  /** For one compression: what it does between two calls is one step. */
  join(): Turn {
    const turn = (): Promise<void> => {
      if (this.#holder === turn && this.#now() < this.#until) return Promise.resolve();
      return new Promise((go) => {
        if (this.#waiting.push({ turn, go }) === 1) this.#nextRound(() => this.#next());
      });
    };
    return turn;
  }

  #next(): void {
    const { turn, go } = this.#waiting.shift()!;
    this.#holder = turn;
    this.#until = this.#now() + SHARE_MS;
    if (this.#waiting.length > 0) this.#nextRound(() => this.#next());
    go();
  }
}

/** Those of the main thread. */
export const turns = new Turns();
