/** Returns memory to the system after calls that used much of it. @module */
import { setTimeout } from "node:timers";
import { canTrimMemory, trimMemory } from "../../libc/malloc.ts";
import { releaseBlocks } from "./byte_queue.ts";

/** Memory of calls in bytes from which on a release is worthwhile. */
const MUCH = 4 * 1024 * 1024;
/** Memory in bytes below which the large calls have ended. */
const LITTLE = MUCH / 4;

/**
 * Delays before each pass, in milliseconds: a pass returns what the one before has freed. There
 * are few passes, because each blocks the event loop.
 */
const DELAYS_MS = [500, 1_000, 5_000];

/** Watches the memory of calls, and releases memory when it falls. */
export class MemoryRelease {
  #strained = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param held the bytes of all calls now */
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
      releaseBlocks();
      trimMemory();
      this.#schedule(later);
    }, delay);
    // The timer must not keep the process running.
    this.#timer?.unref();
  }
}
