/** The last step of decoding bzip2: run-length decoding of blocks. @module */
import { type Block, PLACE } from "./block.ts";

const CHUNK = 256 * 1024;
/** After four equal bytes comes the number of further ones. */
const RUN = 4;

/** Decodes blocks into chunks of one size. */
export class Expansion {
  #out = new Uint8Array(CHUNK);
  #filled = 0;

  /** Decodes a block. @param expected its checksum. @throws {Error} if that is wrong. */
  *add({ length, first, entries }: Block, expected: number): Iterable<Uint8Array<ArrayBuffer>> {
    let out = this.#out;
    let filled = this.#filled;
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
    this.#out = out;
    this.#filled = filled;
  }

  /** The last chunk, which is not full. */
  *rest(): Iterable<Uint8Array<ArrayBuffer>> {
    if (this.#filled > 0) yield this.#out.subarray(0, this.#filled);
  }
}

/** CRC-32 with the highest bit first. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
