/** Decodes the bzip2 format block by block. @module */
import type { Output, Stepper } from "../transcoder.ts";
import { BitReader } from "./bit_reader.ts";
import { readBlock } from "./block.ts";
import { Expansion } from "./expansion.ts";

const MAGIC = "BZh";
/** The magic numbers before each block, and at the end of a stream, in halves of 24 bits. */
const BLOCK = [0x314159, 0x265359] as const;
const END = [0x177245, 0x385090] as const;

/** Bytes of a block for each level. */
const LEVEL_BYTES = 100_000;
/** Bytes by which the compressed data of a block may exceed its content. */
const EXCESS = 25_000;

/**
 * Decompresses bzip2. Consecutive streams are decoded as one, and other data after the last one
 * is counted and ignored, as by the bzip2 program. It collects the largest size of a compressed
 * block before it decodes one, and yields a block in chunks, as it may hold 46 MB of zeros; so its
 * memory is bounded.
 */
export class Bzip2Decoder implements Stepper {
  readonly #bits = new BitReader();
  readonly #expansion = new Expansion();
  /** For the largest blocks so far; shared by all streams, as a tiny stream may announce large blocks. */
  #room = new Uint8Array(0);
  /** Largest block of the present stream in bytes; 0 outside of a stream. */
  #blockSize = 0;
  #crc = 0;
  #place: "first stream" | "further stream" | "garbage" = "first stream";
  /** Bytes behind the last stream. */
  #trailing = 0;

  *push(bytes: Uint8Array): Iterable<Output> {
    if (this.#place === "garbage") {
      this.#trailing += bytes.length;
      return;
    }
    this.#bits.feed(bytes);
    while (this.#bits.length >= 9 * LEVEL_BYTES + EXCESS) yield* this.#next();
  }

  *finish(): Iterable<Output> {
    while (this.#blockSize > 0 || this.#bits.length > 0 || this.#place === "first stream") {
      yield* this.#next();
    }
    yield* this.#expansion.rest();
    if (this.#trailing > 0) yield { trailing: this.#trailing };
  }

  *#next(): Iterable<Output> {
    if (this.#blockSize === 0) return this.#begin();
    const magic = [this.#bits.read(24), this.#bits.read(24)];
    const crc = this.#readCrc();
    if (isEqual(magic, END)) return this.#end(crc);
    if (!isEqual(magic, BLOCK)) throw new Error("corrupt data");
    this.#crc = ((this.#crc << 1) | (this.#crc >>> 31)) ^ crc;
    yield* this.#expansion.add(readBlock(this.#bits, this.#room.subarray(0, this.#blockSize)), crc);
  }

  #begin(): void {
    const found = Array.from({ length: Math.min(4, this.#bits.length) }, () => this.#bits.read(8));
    const header = String.fromCharCode(...found);
    const level = /^BZh([1-9])$/.exec(header)?.[1];
    if (level) {
      this.#blockSize = Number(level) * LEVEL_BYTES;
      if (this.#room.length < this.#blockSize) this.#room = new Uint8Array(this.#blockSize);
      this.#crc = 0;
    } else if (MAGIC.startsWith(header)) {
      throw new Error("unexpected end of the data");
    } else if (this.#place === "first stream") {
      throw new Error("no bzip2 header");
    } else {
      this.#place = "garbage";
      this.#trailing = found.length + this.#bits.length;
      this.#bits.clear();
    }
  }

  #end(crc: number): void {
    if (crc !== this.#crc) throw new Error("the check sum of the stream is wrong");
    this.#bits.align();
    this.#blockSize = 0;
    this.#place = "further stream";
  }

  #readCrc(): number {
    return (this.#bits.read(16) << 16) | this.#bits.read(16);
  }
}

function isEqual(found: readonly number[], expected: readonly number[]): boolean {
  return found.every((part, index) => part === expected[index]);
}
