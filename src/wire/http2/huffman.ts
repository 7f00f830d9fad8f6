/**
 * The Huffman code of HPACK (RFC 7541 Appendix B). It is canonical, so the lengths of the codes
 * define it.
 *
 * @module
 */
import { ConnectionError, Reason } from "./codes.ts";
import { latin1 } from "./latin1.ts";

/** The length in bits of the code of each byte, and of the end of string at last. */
// deno-fmt-ignore
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6,
  6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5,
  6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24,
  23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
  23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26,
  26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21,
  26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26,
  26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const END_OF_STRING = 256;

/**
 * The code as a tree: the children of node n are at 2n and 2n+1. A positive entry is a node, a
 * negative one the complement of a symbol; 0 is the root, which no entry refers to.
 */
const tree = buildTree();

function buildTree(): Int16Array {
  const nodes = new Int16Array(2 * LENGTHS.length);
  const ordered = LENGTHS.map((length, symbol) => ({ length, symbol }))
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let count = 1;
  let code = 0;
  let previous = ordered[0]!.length;
  for (const { length, symbol } of ordered) {
    code *= 2 ** (length - previous);
    previous = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = 2 * node + (code >>> bit & 1);
      node = nodes[at] ||= count++;
    }
    nodes[2 * node + (code & 1)] = ~symbol;
    code += 1;
  }
  return nodes;
}

/**
 * The bytes from `start` to `end` as Latin-1 text.
 *
 * @throws {ConnectionError} COMPRESSION_ERROR for a code that is cut off, or not padded with ones.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  // No code is shorter than 5 bits.
  const decoded = new Uint8Array(Math.ceil((end - start) * 8 / 5));
  let length = 0;
  let node = 0;
  let pending = 0;
  let ones = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let bit = 7; bit >= 0; bit--) {
      const value = byte >>> bit & 1;
      const next = tree[2 * node + value]!;
      if (next > 0) {
        node = next;
        pending += 1;
        ones &&= value === 1;
        continue;
      }
      if (~next === END_OF_STRING) throw broken("a string holds the code of its own end");
      decoded[length++] = ~next;
      node = 0;
      pending = 0;
      ones = true;
    }
  }
  if (pending > 7 || !ones) throw broken("a Huffman code is cut off");
  return latin1(decoded, 0, length);
}

function broken(what: string): ConnectionError {
  return new ConnectionError(Reason.COMPRESSION_ERROR, what);
}
