/** Appends bits to bytes, the highest bit of a byte first. @module */
import { concat } from "../../base/bytes.ts";

/** Copies `count` bits of `bytes`, from the bit `start` on, to the start of new bytes. */
export function bitsOf(bytes: Uint8Array, start: number, count: number): Uint8Array<ArrayBuffer> {
  const writer = new BitWriter();
  writer.append(bytes, start, count);
  return writer.finish();
}

/** Collects bits into bytes. */
export class BitWriter {
  #whole: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** The bits of the last, unfinished byte, from its top. */
  #partial = 0;
  #partialBits = 0;

  /** Appends `count` bits of `bytes`, from the bit `start` on. */
  append(bytes: Uint8Array, start: number, count: number): void {
    const source = new BitReader(bytes, start);
    const total = this.#partialBits + count;
    const added = new Uint8Array(total >> 3);
    const free = 8 - this.#partialBits;
    let left = count;
    for (let index = 0; index < added.length; index++) {
      const take = index === 0 ? free : 8;
      added[index] = index === 0 ? this.#partial | source.read(take) : source.read(take);
      left -= take;
    }
    if (added.length > 0) this.#partial = 0;
    const rest = total & 7;
    if (left > 0) this.#partial |= source.read(left) << (8 - rest);
    this.#partialBits = rest;
    this.#whole = concat([this.#whole, added]);
  }

  /** Takes the complete bytes. */
  take(): Uint8Array<ArrayBuffer> {
    const whole = this.#whole;
    this.#whole = new Uint8Array(0);
    return whole;
  }

  /** Takes everything; the last byte is padded with zeros. */
  finish(): Uint8Array<ArrayBuffer> {
    const last = this.#partialBits > 0 ? Uint8Array.of(this.#partial) : new Uint8Array(0);
    return concat([this.take(), last]);
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** The next `count` bits, at most 8. */
  read(count: number): number {
    const index = this.#at >> 3;
    const pair = (this.#bytes[index]! << 8) | (this.#bytes[index + 1] ?? 0);
    const value = (pair >> (16 - (this.#at & 7) - count)) & ((1 << count) - 1);
    this.#at += count;
    return value;
  }
}
