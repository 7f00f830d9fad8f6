/** Images that are expensive to read: many small parts, or much emptiness. @module */
import { Buffer } from "node:buffer";
import { crc32, gzipSync, zstdCompressSync } from "node:zlib";
import { codecFor } from "../../src/codec/encoding.ts";
import type { Attack } from "./attack.ts";
import { join, repeat } from "./bytes.ts";
import type { Target } from "./target.ts";
import { upload } from "./uploads.ts";

const MIB = 1024 * 1024;

/** Zeros of some MiB, compressed. */
export async function zeros(encoding: string, mib: number): Promise<Uint8Array> {
  const source = async function* () {
    for (let at = 0; at < mib; at++) yield await Promise.resolve(new Uint8Array(MIB));
  };
  const parts = [];
  for await (const part of codecFor(encoding).encode(source())) parts.push(part);
  return join(...parts);
}

/** Nothing, compressed. */
const EMPTY: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  gzip: () => Promise.resolve(gzipSync(new Uint8Array())),
  xz: () => zeros("xz", 0),
  bz2: () => zeros("bz2", 0),
  zstd: () => Promise.resolve(zstdCompressSync(new Uint8Array())),
};

/** An empty skippable frame of zstd (RFC 8878 §3.1.2). */
const SKIPPABLE = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);

/** Uploads on a connection of its own. @returns how it ended */
async function outcome(target: Target, encoding: string, parts: Iterable<Uint8Array>) {
  const client = await target.client();
  try {
    await upload(target, client, encoding, parts);
    return "taken";
  } catch (error) {
    return (error as Error).message.slice(0, 80);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

function smallParts(name: string, encoding: string, part: () => Promise<Uint8Array>): Attack {
  return {
    name: `small-parts-of-${name}`,
    async run(target, scale) {
      const bytes = await part();
      const count = Math.floor(scale.pick(4 * MIB, MIB / 4) / bytes.length);
      return `${count} parts: ${await outcome(target, encoding, [repeat(bytes, count)])}`;
    },
  };
}

function bomb(encoding: string): Attack {
  return {
    name: `zeros-in-${encoding}`,
    async run(target, scale) {
      const mib = scale.pick(400, 60);
      const bytes = await zeros(encoding, mib);
      const seen = await outcome(target, encoding, [bytes]);
      return `${mib} MiB of zeros in ${Math.round(bytes.length / 1024)} KiB: ${seen}`;
    },
  };
}

/** A frame of zstd with a window of 2^log bytes, full of one letter in blocks of 128 KiB. */
function wideZstd(log: number, blocks: number): Uint8Array {
  const head = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, log - 10 << 3);
  // A block of one repeated byte: its header has type 1 and the size; bit 0 marks the last block.
  const block = (last: number) => Uint8Array.of(0x02 | last, 0, 0x10, 65);
  return join(head, repeat(block(0), blocks), block(1));
}

const wideWindows: Attack = {
  name: "wide-windows-of-zstd",
  async run(target, scale) {
    const seen = [];
    for (const log of [27, 28, 31]) {
      const bytes = wideZstd(log, scale.pick(4_000, 1_500));
      seen.push(`2^${log}: ${await outcome(target, "zstd", [bytes])}`);
    }
    return seen.join(", ");
  },
};

/** Changes the dictionary size in an xz stream's first block header (the xz format, §5.3.1). */
function widened(xz: Uint8Array, dictionary: number): Uint8Array {
  const bytes = xz.slice();
  const length = (bytes[12]! + 1) * 4;
  const header = bytes.subarray(12, 12 + length);
  const filter = Buffer.from(header).indexOf(Uint8Array.of(0x21, 0x01));
  header[filter + 2] = dictionary;
  const view = new DataView(header.buffer, header.byteOffset, length);
  view.setUint32(length - 4, crc32(header.subarray(0, length - 4)), true);
  return bytes;
}

const wideDictionaries: Attack = {
  name: "wide-dictionaries-of-xz",
  async run(target, scale) {
    const bytes = await zeros("xz", scale.pick(700, 80));
    const seen = [];
    // 64 MiB, 1.5 GiB, 4 GiB.
    for (const size of [28, 37, 40]) seen.push(await outcome(target, "xz", [widened(bytes, size)]));
    return seen.join(", ");
  },
};

const garbage: Attack = {
  name: "garbage-images",
  async run(target) {
    const seen = [];
    for (const [encoding, whole] of Object.entries(EMPTY)) {
      const bytes = await whole();
      const cut = bytes.subarray(0, bytes.length - 3);
      const noise = crypto.getRandomValues(new Uint8Array(20_000));
      for (const bad of [cut, noise, join(bytes.subarray(0, 6), noise)]) {
        const found = await outcome(target, encoding, [bad]);
        if (found === "taken") throw new Error(`${encoding}: garbage was taken`);
        seen.push(found);
      }
    }
    return `${seen.length} images: ${seen[0]}`;
  },
};

/** A client that disconnects during its upload, many times. */
const leaving: Attack = {
  name: "uploads-left-amid",
  async run(target, scale) {
    const count = scale.pick(30, 8);
    for (let at = 0; at < count; at++) {
      const encoding = Object.keys(EMPTY)[at % 4]!;
      const client = await target.client();
      const bytes = await zeros(encoding, 20);
      const going = upload(target, client, encoding, [bytes]).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      await client[Symbol.asyncDispose]();
      await going;
    }
    return `${count} clients left amid an upload`;
  },
};

/** In the order in which they run. */
export const images: readonly Attack[] = [
  ...Object.entries(EMPTY).map(([name, part]) => smallParts(name, name, part)),
  smallParts("skippable-zstd", "zstd", () => Promise.resolve(SKIPPABLE)),
  ...Object.keys(EMPTY).map(bomb),
  wideWindows,
  wideDictionaries,
  garbage,
  leaving,
];
