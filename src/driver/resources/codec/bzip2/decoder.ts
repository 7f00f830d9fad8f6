/** Reads the bzip2 format block by block. @module */
import type { Stepper } from "../transcoder.ts";
import { BitReader } from "./bit_reader.ts";
import { type Block, PLACE, readBlock } from "./block.ts";

/** What is behind each block, or the last one, in halves of 24 bits. */
const BLOCK = [0x314159, 0x265359] as const;
const END = [0x177245, 0x385090] as const;

/** Bytes of a block for each level. */
const LEVEL_BYTES = 100_000;
/** Compressed data may be a little larger than what it holds. */
const EXCESS = 25_000;

const CHUNK = 256 * 1024;
/** After so many equal bytes comes how many more there are. */
const RUN = 4;

/**
 * Decompresses bzip2; streams behind one another are one. It waits for what a block may
 * need at most, so its memory is bounded, and gives a block's bytes in chunks: a block may
 * hold 46 MB of zeros.
 */
export class Bzip2Decoder implements Stepper {
  readonly #bits = new BitReader();
  /** Of the stream that was begun; its length is the size of its blocks. */
  #room: Uint8Array | undefined;
  #crc = 0;

  *push(bytes: Uint8Array): Iterable<Uint8Array<ArrayBuffer>> {
    this.#bits.feed(bytes);
    while (this.#bits.length >= 9 * LEVEL_BYTES + EXCESS) yield* this.#next();
  }

  *finish(): Iterable<Uint8Array<ArrayBuffer>> {
    do yield* this.#next(); while (this.#room || this.#bits.length > 0);
  }

  *#next(): Iterable<Uint8Array<ArrayBuffer>> {
    if (!this.#room) return this.#begin();
    const magic = [this.#bits.read(24), this.#bits.read(24)];
    const crc = this.#readCrc();
    if (isEqual(magic, END)) return this.#end(crc);
    if (!isEqual(magic, BLOCK)) throw new Error("corrupt data");
    this.#crc = ((this.#crc << 1) | (this.#crc >>> 31)) ^ crc;
    yield* expand(readBlock(this.#bits, this.#room), crc);
  }

  #begin(): void {
    const header = [8, 8, 8, 8].map((count) => this.#bits.read(count));
    const level = /^BZh([1-9])$/.exec(String.fromCharCode(...header))?.[1];
    if (!level) throw new Error("no bzip2 header");
    this.#room = new Uint8Array(Number(level) * LEVEL_BYTES);
    this.#crc = 0;
  }

  #end(crc: number): void {
    if (crc !== this.#crc) throw new Error("the check sum of the stream is wrong");
    this.#bits.align();
    this.#room = undefined;
  }

  #readCrc(): number {
    return (this.#bits.read(16) << 16) | this.#bits.read(16);
  }
}

/** Gives the bytes of a block, with its runs at their full length, and checks their sum. */
function* expand(
  { length, first, entries }: Block,
  expected: number,
): Iterable<Uint8Array<ArrayBuffer>> {
  let out = new Uint8Array(CHUNK);
  let filled = 0;
  let crc = -1;
  let place = first;
  let last = -1;
  let repeated = 0;
  for (let index = 0; index < length; index++) {
    const entry = entries[place]!;
    place = entry & PLACE;
    const byte = entry >>> 24;
    let count = 1;
    if (repeated === RUN) {
      count = byte;
      repeated = 0;
    } else {
      repeated = byte === last ? repeated + 1 : 1;
      last = byte;
    }
    for (; count > 0; count--) {
      if (filled === CHUNK) {
        yield out;
        out = new Uint8Array(CHUNK);
        filled = 0;
      }
      out[filled++] = last;
      crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ last]!;
    }
  }
  if (~crc !== expected) throw new Error("the check sum of a block is wrong");
  if (filled > 0) yield out.subarray(0, filled);
}

/** CRC-32 with the highest bit first, as only bzip2 has it. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

function isEqual(found: readonly number[], expected: readonly number[]): boolean {
  return found.every((part, index) => part === expected[index]);
}
