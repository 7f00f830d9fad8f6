/** Shares the event loop among the compressions that run on it, and leaves time for the rest. @module */

/** How long one compression may run before it yields to the event loop, in milliseconds. */
const SLICE_MS = 4;

/**
 * Resolves when its task may do a step of work. A task calls it before each step, whose size
 * the task bounds: then the event loop is blocked for `SLICE_MS` and one step at most, however
 * many tasks there are.
 */
export type YieldPoint = () => Promise<void>;

/** Schedules tasks: in each round of the event loop one of them runs, first come first served. */
export class Scheduler {
  readonly #now: () => number;
  readonly #nextRound: (run: () => void) => void;
  readonly #waiting: { readonly task: YieldPoint; readonly go: () => void }[] = [];
  /** The task that may run. */
  #running: YieldPoint | undefined;
  #until = 0;

  /**
   * @param now the time in milliseconds
   * @param nextRound calls a function in the next round of the event loop
   */
  constructor(
    now: () => number = () => performance.now(),
    nextRound: (run: () => void) => void = (run) => void setImmediate(run),
  ) {
    this.#now = now;
    this.#nextRound = nextRound;
  }

  /** Adds a task. */
  join(): YieldPoint {
    const task = (): Promise<void> => {
      if (this.#running === task && this.#now() < this.#until) return Promise.resolve();
      return new Promise((go) => {
        if (this.#waiting.push({ task, go }) === 1) this.#nextRound(() => this.#next());
      });
    };
    return task;
  }

  #next(): void {
    const { task, go } = this.#waiting.shift()!;
    this.#running = task;
    this.#until = this.#now() + SLICE_MS;
    if (this.#waiting.length > 0) this.#nextRound(() => this.#next());
    go();
  }
}

/** The scheduler of the main thread. */
export const scheduler = new Scheduler();
