/** The Huffman codes of a bzip2 block. @module */
import type { BitReader } from "./bit_reader.ts";

/** Bits of the longest code. */
export const MAX_LENGTH = 20;

/** A canonical Huffman code: codes are ordered by length, then by symbol. */
export class HuffmanCode {
  /** For each length the first longer code, padded to `MAX_LENGTH` bits. */
  readonly #limit = new Int32Array(MAX_LENGTH + 2).fill(0);
  /** For each length the difference between the index in `#symbols` and the code. */
  readonly #offset = new Int32Array(MAX_LENGTH + 2);
  readonly #symbols: Uint16Array;
  readonly #shortest: number;

  /** @param lengths the length of each symbol's code in bits */
  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(MAX_LENGTH + 1);
    for (const length of lengths) counts[length]!++;
    const places = new Uint16Array(MAX_LENGTH + 1);
    let code = 0;
    let place = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      this.#offset[length] = place - code;
      places[length] = place;
      place += counts[length]!;
      code += counts[length]!;
      this.#limit[length] = code << (MAX_LENGTH - length);
      code <<= 1;
    }
    this.#symbols = new Uint16Array(lengths.length);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      this.#symbols[places[lengths[symbol]!]!++] = symbol;
    }
    this.#shortest = Math.min(...lengths);
  }

  /** Reads a symbol. @throws {Error} if there is no such code. */
  read(bits: BitReader): number {
    const code = bits.peek(MAX_LENGTH);
    let length = this.#shortest;
    while (code >= this.#limit[length]!) if (++length > MAX_LENGTH) throw new Error("corrupt data");
    bits.skip(length);
    const symbol = this.#symbols[(code >>> (MAX_LENGTH - length)) + this.#offset[length]!];
    if (symbol === undefined) throw new Error("corrupt data");
    return symbol;
  }
}
