/** Large chunks of small ones: whoever takes them writes each to a disk, which has a price. @module */
import { Buffer } from "node:buffer";

/** Chunks of less are copied together. */
const SMALL = 16 * 1024;

/** Gathers chunks; those that follow one another in memory, without a copy. */
export class Gathered {
  readonly #enough: number;
  #parts: Uint8Array[] = [];
  /** Bytes that were gathered. */
  length = 0;

  /** @param enough bytes for a chunk to be given */
  constructor(enough: number) {
    this.#enough = enough;
  }

  /** Adds a chunk; returns one for which there is enough. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    const last = this.#parts.at(-1);
    const joined = last && join(last, chunk);
    if (!joined && this.length >= SMALL) {
      const before = this.take();
      this.#begin(chunk);
      return before;
    }
    if (joined) this.#parts[this.#parts.length - 1] = joined;
    else this.#parts.push(chunk);
    this.length += chunk.length;
    return this.length >= this.#enough ? this.take() : undefined;
  }

  /** All that was gathered. */
  take(): Uint8Array {
    const [first, ...others] = this.#parts;
    const all = others.length > 0 ? Buffer.concat(this.#parts) : first!;
    this.#parts = [];
    this.length = 0;
    return all;
  }

  #begin(chunk: Uint8Array): void {
    this.#parts = [chunk];
    this.length = chunk.length;
  }
}

/** Both as one where `second` is right behind `first`. */
function join(first: Uint8Array, second: Uint8Array): Uint8Array | undefined {
  const { buffer, byteOffset, length } = first;
  if (buffer !== second.buffer || byteOffset + length !== second.byteOffset) return undefined;
  return new Uint8Array(buffer, byteOffset, length + second.length);
}
