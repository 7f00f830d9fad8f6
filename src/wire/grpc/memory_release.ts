/** Giving memory back once calls have ended that took much of it. @module */
import { setTimeout } from "node:timers";
import { canTrimMemory, trimMemory } from "../../libc/malloc.ts";

/** From here on it is worth it, in bytes. */
const MUCH = 4 * 1024 * 1024;
/** Below this, those who took it have left. */
const LITTLE = MUCH / 4;

/**
 * How long after, and after each other, in milliseconds: what one pass frees, the next gives
 * back. No more often than that, as nobody is heard meanwhile.
 */
const DELAYS_MS = [500, 1_000, 5_000];

/** Watches how much calls take. */
export class MemoryRelease {
  #strained = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls take `held` bytes now. */
  watch(held: number): void {
    if (!canTrimMemory) return;
    if (held > MUCH) this.#strained = true;
    else if (this.#strained && held < LITTLE) {
      this.#strained = false;
      if (this.#timer === undefined) this.#schedule(DELAYS_MS);
    }
  }

  #schedule([delay, ...later]: readonly number[]): void {
    this.#timer = delay === undefined ? undefined : setTimeout(() => {
      trimMemory();
      this.#schedule(later);
    }, delay);
    // It is no reason to go on running.
    this.#timer?.unref();
  }
}
