/** Compresses into the bzip2 format, by libbzip2 as WebAssembly. @module */
import type { Stepper } from "../transcoder.ts";
import { bitsOf, BitWriter } from "./bit_writer.ts";
import { Libbzip2 } from "./libbzip2.ts";

const LEVEL = 9;
/**
 * Most bytes of a block: level 9 has room for 899,981, and four equal bytes are encoded as five.
 */
const BLOCK = 700_000;

/** The magic number at the end of a stream, of 48 bits. */
const END = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
const HEADER_BITS = 4 * 8;
const CRC_BITS = 32;
const END_BITS = END.length * 8;

/**
 * Compresses into one bzip2 stream. The library makes a stream of each block; the bits of their
 * blocks are joined here, as decoders differ in what they do after the end of a stream.
 */
export class Bzip2Encoder implements Stepper {
  readonly #libbzip2 = new Libbzip2(LEVEL, BLOCK);
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  readonly #bits = new BitWriter();
  /** The combined checksum of all blocks so far: rotated by one bit for each. */
  #crc = 0;

  constructor() {
    this.#bits.append(new TextEncoder().encode(`BZh${LEVEL}`), 0, HEADER_BITS);
  }

  *push(bytes: Uint8Array): Iterable<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) yield this.#compress();
    }
  }

  *finish(): Iterable<Uint8Array<ArrayBuffer>> {
    if (this.#filled > 0) yield this.#compress();
    this.#bits.append(Uint8Array.from(END), 0, END_BITS);
    this.#bits.append(bigEndian(this.#crc), 0, CRC_BITS);
    yield this.#bits.finish();
  }

  #compress(): Uint8Array<ArrayBuffer> {
    this.#appendBlock(this.#libbzip2.compress(this.#block.subarray(0, this.#filled)));
    this.#filled = 0;
    return this.#bits.take();
  }

  /** Appends the only block of a stream: everything between its header and its end. */
  #appendBlock(stream: Uint8Array): void {
    const end = endOf(stream);
    this.#bits.append(stream, HEADER_BITS, end - HEADER_BITS);
    // The checksum of a stream of one block is that of the block.
    const crc = new DataView(bitsOf(stream, end + END_BITS, CRC_BITS).buffer).getUint32(0);
    this.#crc = (((this.#crc << 1) | (this.#crc >>> 31)) ^ crc) >>> 0;
  }
}

/** The position of the end of a stream in bits; 0 to 7 bits of padding follow the end. */
function endOf(stream: Uint8Array): number {
  const last = stream.length * 8 - END_BITS - CRC_BITS;
  for (let at = last; at > last - 8; at--) {
    if (bitsOf(stream, at, END_BITS).every((byte, index) => byte === END[index])) return at;
  }
  throw new Error("libbzip2 gave a stream without an end");
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
