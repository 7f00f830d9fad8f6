/** Makes large chunks of small ones: each chunk is written to a disk, and each write has an overhead. @module */
import { Buffer } from "node:buffer";

/** Chunks of fewer bytes are copied together. */
const SMALL = 16 * 1024;

/** Joins chunks; those that are adjacent in memory without a copy. */
export class Gathered {
  readonly #enough: number;
  #parts: Uint8Array[] = [];
  /** Bytes in the chunks that wait to be taken. */
  length = 0;

  /** @param enough bytes from which on `add` returns a chunk */
  constructor(enough: number) {
    this.#enough = enough;
  }

  /** Adds a chunk; returns a large one once there is enough. */
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

  /** Takes everything that was added and not returned. */
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

/** One view of both, if `second` follows `first` in the same buffer. */
function join(first: Uint8Array, second: Uint8Array): Uint8Array | undefined {
  const { buffer, byteOffset, length } = first;
  if (buffer !== second.buffer || byteOffset + length !== second.byteOffset) return undefined;
  return new Uint8Array(buffer, byteOffset, length + second.length);
}
