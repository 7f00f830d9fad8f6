/** Compressed contents for tests, and what they decode to. @module */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { codecFor } from "./encoding.ts";
import { memoryBudget } from "./memory_budget.ts";
import { workerCount } from "./remote_stepper.ts";
import { BZ2, CONTENT, type Content, XZ } from "./testing.ts";

/** The names of all compressions. */
export const ENCODINGS = ["gzip", "xz", "bz2", "zstd"];

/** Bytes from hexadecimal digits; blanks are ignored. */
export const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** The content as others than this program compress it. */
export function pack(encoding: string, name: Content): Buffer {
  const content = CONTENT[name];
  if (encoding === "gzip") return gzipSync(content);
  if (encoding === "zstd") {
    return zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  }
  return Buffer.from((encoding === "xz" ? XZ : BZ2)[name], "base64");
}

/** Cuts bytes into pieces of the given sizes by turns. */
export async function* pieces(bytes: Uint8Array, sizes: readonly number[] = [64 * 1024]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

/** The content of compressed bytes. */
export async function decode(encoding: string, bytes: Uint8Array, sizes?: readonly number[]) {
  return (await decodeNoting(encoding, bytes, sizes)).content;
}

/** The content, and how many bytes behind it were reported as ignored. */
export async function decodeNoting(encoding: string, bytes: Uint8Array, sizes?: readonly number[]) {
  const noted: number[] = [];
  const decoded = codecFor(encoding).decode(pieces(bytes, sizes), (count) => noted.push(count));
  return { content: Buffer.concat(await Array.fromAsync(decoded)), noted };
}

/** The same bytes several times. */
export function repeat(bytes: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array<Uint8Array>(count).fill(bytes));
}

/** Checks that no worker runs and no memory is reserved. */
export const nothingLeft = () => assert.deepEqual([workerCount(), memoryBudget.reserved], [0, 0]);
