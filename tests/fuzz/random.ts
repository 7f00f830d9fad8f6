/** Reproducible random values: everything of a conversation follows from its seed. @module */
import { join } from "../attacks/bytes.ts";

/** Draws from one seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, and without, `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * bound);
  }

  /** Whether something of that chance comes about. */
  chance(probability: number): boolean {
    return this.below(1_000) < probability * 1_000;
  }

  /** One of several. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** So many bytes of no meaning. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `bytes` with a few things wrong. */
  mutate(bytes: Uint8Array): Uint8Array {
    let mutated: Uint8Array = bytes.slice();
    for (let left = this.below(6); left > 0; left--) mutated = this.#change(mutated);
    return mutated;
  }

  /** `bytes` in pieces of any size. */
  *pieces(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const length = 1 + (this.chance(0.5) ? this.below(20) : this.below(bytes.length));
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }

  #change(bytes: Uint8Array): Uint8Array {
    const at = this.below(bytes.length + 1);
    const length = this.below(Math.min(20, bytes.length - at + 1));
    const [before, middle, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at + length),
    ];
    switch (this.below(5)) {
      case 0:
        return join(before, after);
      case 1:
        return join(before, middle, middle, after);
      case 2:
        return join(before, this.bytes(length), after);
      case 3:
        return join(before, Uint8Array.from(middle, (byte) => byte ^ 1 << this.below(8)), after);
      default:
        return join(
          before,
          Uint8Array.from(middle, () => this.pick([0, 1, 127, 128, 255])),
          after,
        );
    }
  }
}
