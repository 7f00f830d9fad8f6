/** Reads one block of bzip2 data. @module */
import type { BitReader } from "./bit_reader.ts";
import { HuffmanCode, MAX_LENGTH } from "./huffman.ts";

/** Consecutive symbols with the same Huffman code. */
const GROUP = 50;
/** The two symbols that encode how often a byte repeats. */
const RUN_A = 0;
const RUN_B = 1;

/** The bits of an entry that are the index of the next one. */
export const PLACE = 0xffffff;

/** The bytes of a block as a linked list; its runs are still encoded. */
export interface Block {
  readonly length: number;
  /** Index of the first entry. */
  readonly first: number;
  /** A byte in the top 8 bits, and the index of the next entry in the others. */
  readonly entries: Uint32Array;
}

/**
 * Reads a block after its magic number and checksum.
 *
 * @param room for the sorted bytes; its length is the largest one allowed.
 * @throws {Error} if the block is corrupt.
 */
export function readBlock(bits: BitReader, room: Uint8Array): Block {
  if (bits.read(1) !== 0) throw new Error("a randomised block, as only bzip2 0.9.0 made them");
  const origin = bits.read(24);
  const used = readSymbols(bits);
  const codeCount = inRange(bits.read(3), 2, 6);
  const selectors = readSelectors(bits, codeCount);
  const codes = Array.from({ length: codeCount }, () => readCode(bits, used.length + 2));
  const length = readBytes(bits, used, selectors.map((index) => codes[index]!), room);
  if (length > 0) inRange(origin, 0, length - 1);
  return unsort(room, length, origin);
}

/** Reads which bytes occur: a bitmap of 16 sections, then one of each section that is not empty. */
function readSymbols(bits: BitReader): Uint8Array {
  const used: number[] = [];
  const sections = bits.read(16);
  for (let section = 0; section < 16; section++) {
    if ((sections & (0x8000 >> section)) === 0) continue;
    const map = bits.read(16);
    for (let index = 0; index < 16; index++) {
      if ((map & (0x8000 >> index)) !== 0) used.push(section * 16 + index);
    }
  }
  inRange(used.length, 1, 256);
  return Uint8Array.from(used);
}

/** Reads the code of each group, encoded by move-to-front. */
function readSelectors(bits: BitReader, codeCount: number): number[] {
  const recent = Array.from({ length: codeCount }, (_, index) => index);
  const count = inRange(bits.read(15), 1, 0x7fff);
  return Array.from({ length: count }, () => {
    let place = 0;
    while (bits.read(1) === 1) inRange(++place, 0, codeCount - 1);
    const [selector] = recent.splice(place, 1);
    recent.unshift(selector!);
    return selector!;
  });
}

/** Reads code lengths, encoded as differences. */
function readCode(bits: BitReader, symbolCount: number): HuffmanCode {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    inRange(length, 1, MAX_LENGTH);
    while (bits.read(1) === 1) length = inRange(length + 1 - 2 * bits.read(1), 1, MAX_LENGTH);
    lengths[symbol] = length;
  }
  return new HuffmanCode(lengths);
}

/** Fills `room` with the sorted bytes, which are encoded by move-to-front; returns their number. */
function readBytes(
  bits: BitReader,
  used: Uint8Array,
  codes: readonly HuffmanCode[],
  room: Uint8Array,
): number {
  const recent = used.slice();
  const end = used.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (const code of codes) {
    for (let index = 0; index < GROUP; index++) {
      const symbol = code.read(bits);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += weight << symbol;
        weight <<= 1;
        inRange(run, 1, room.length - length);
        continue;
      }
      room.fill(recent[0]!, length, length + run);
      length += run;
      run = 0;
      weight = 1;
      if (symbol === end) return length;
      const byte = recent[symbol - 1]!;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      inRange(length + 1, 1, room.length);
      room[length++] = byte;
    }
  }
  throw new Error("corrupt data");
}

/** Inverts the Burrows–Wheeler transform: sorted bytes become a linked list. */
function unsort(bytes: Uint8Array, length: number, origin: number): Block {
  const starts = new Uint32Array(257);
  for (let index = 0; index < length; index++) starts[bytes[index]! + 1]!++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!;
  const entries = new Uint32Array(length);
  for (let index = 0; index < length; index++) {
    const byte = bytes[index]!;
    entries[starts[byte]!++]! |= index;
    entries[index]! |= byte << 24;
  }
  return { length, first: length > 0 ? entries[origin]! & PLACE : 0, entries };
}

function inRange(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new Error("corrupt data");
  return value;
}
