/** A clock that jumps from timer to timer, so that a day takes seconds. @module */
import { setImmediate } from "node:timers";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Turns of the event loop that are enough for everything that waits for no timer. */
const TURNS = 4;

/**
 * Replaces the globals setTimeout and clearTimeout until disposed.
 */
export class FakeClock implements Disposable {
  readonly #timers = new Map<number, Timer>();
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  #next = 1;
  /** Milliseconds since the start. */
  now = 0;

  constructor() {
    const start = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const id = this.#next++;
      this.#timers.set(id, { at: this.now + Math.max(ms, 0), ring: () => callback(...args) });
      return id;
    };
    const stop = (id?: number) => void this.#timers.delete(id!);
    Object.assign(globalThis, { setTimeout: start, clearTimeout: stop });
  }

  /** Lets `ms` milliseconds pass, or fewer if `enough` becomes true. */
  async pass(ms: number, enough: () => boolean = () => false): Promise<void> {
    const end = this.now + ms;
    await turns();
    while (!enough()) {
      const [id, timer] = this.#earliest() ?? [];
      if (!timer || timer.at > end) break;
      this.#timers.delete(id!);
      this.now = timer.at;
      timer.ring();
      await turns();
    }
    if (!enough()) this.now = end;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    for (const { ring } of this.#timers.values()) ring();
    this.#timers.clear();
  }

  #earliest(): [number, Timer] | undefined {
    let earliest: [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (!earliest || entry[1].at < earliest[1].at) earliest = entry;
    }
    return earliest;
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
