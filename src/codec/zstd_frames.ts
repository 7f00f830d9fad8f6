/**
 * Finds the frames of zstd data (RFC 8878 §3.1): the decoder of node:zlib stops silently after
 * the first one, and does not notice that a frame is cut short.
 *
 * @module
 */
import { Input } from "./input.ts";
import type { OnTrailing } from "./transcoder.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The lower four bits of the first byte may have any value. */
const SKIPPABLE = [0x50, 0x2a, 0x4d, 0x18];
/** Lengths of the fields, by the frame header's flags. */
const DICTIONARY_ID = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 4;
const RLE_BLOCK = 1;
const BLOCK_HEADER = 3;

/** A part of a frame: at most one block, which decodes to at most 128 KB, or the checksum. */
export interface FramePart {
  readonly bytes: Uint8Array;
  /** Whether it is the last part of its frame; it may be empty then. */
  readonly last: boolean;
}

/** Callbacks. */
export interface FrameOptions {
  /** Called before each step of work. */
  readonly step: () => Promise<void>;
  /** Called with the bytes of memory for the window of each frame; throws to refuse it. */
  readonly window: (bytes: number) => void;
  readonly onTrailing: OnTrailing | undefined;
}

/**
 * Yields the parts of all frames, without skippable frames. Other data after the last frame is
 * counted and ignored, as by official exporters.
 *
 * @throws {Error} if there is no frame, or one is cut short.
 */
export async function* frameParts(
  bytes: AsyncIterable<Uint8Array>,
  { step, window, onTrailing }: FrameOptions,
): AsyncGenerator<FramePart> {
  const input = new Input(bytes);
  try {
    for (let first = true;; first = false) {
      await step();
      const found = await input.peek(MAGIC.length);
      if (!first && found.length === 0) return;
      if (begins(found, SKIPPABLE, 0xf0)) await skip(input, step);
      else if (begins(found, MAGIC)) yield* frame(input, window);
      else if (first) throw new Error("unknown frame");
      else return onTrailing?.(await input.drain());
    }
  } finally {
    await input.close();
  }
}

/** Whether `found`, which may be cut short by the end of the data, is a prefix of `magic`. */
function begins(found: Uint8Array, magic: readonly number[], mask = 0xff): boolean {
  return found.every((byte, index) => (index === 0 ? byte & mask : byte) === magic[index]);
}

async function skip(input: Input, step: () => Promise<void>): Promise<void> {
  const header = await input.expect(8);
  input.pass(8);
  for (let left = littleEndian(header.subarray(4)); left > 0;) {
    await step();
    await input.expect(1);
    left -= input.pass(Math.min(left, input.length));
  }
  input.take();
}

async function* frame(
  input: Input,
  window: FrameOptions["window"],
): AsyncGenerator<FramePart> {
  const flags = (await input.expect(5))[4]!;
  const header = headerOf(await input.expect(headerLength(flags)));
  window(header.window);
  input.pass(headerLength(flags));
  for (let last = false; !last;) {
    const block = littleEndian(await input.expect(BLOCK_HEADER));
    last = (block & 1) !== 0;
    const rle = ((block >> 1) & 3) === RLE_BLOCK;
    yield* pass(input, BLOCK_HEADER + (rle ? 1 : block >> 3));
  }
  if ((flags & CHECKSUM) !== 0) {
    await input.expect(4);
    input.pass(4);
  }
  yield { bytes: input.take(), last: true };
}

/** Passes over `count` bytes, and yields them as they arrive. */
async function* pass(input: Input, count: number): AsyncGenerator<FramePart> {
  for (let left = count; left > 0;) {
    await input.expect(1);
    left -= input.pass(Math.min(left, input.length));
    yield { bytes: input.take(), last: false };
  }
}

function headerLength(flags: number): number {
  const single = (flags & SINGLE_SEGMENT) !== 0;
  return MAGIC.length + 1 + (single ? 0 : 1) + DICTIONARY_ID[flags & 3]! + sizeLength(flags);
}

function sizeLength(flags: number): number {
  return flags >> 6 === 0 && (flags & SINGLE_SEGMENT) !== 0 ? 1 : CONTENT_SIZE[flags >> 6]!;
}

function headerOf(header: Uint8Array): { readonly window: number } {
  const flags = header[4]!;
  const single = (flags & SINGLE_SEGMENT) !== 0;
  const fields = header.subarray(single ? 5 : 6);
  const dictionary = littleEndian(fields.subarray(0, DICTIONARY_ID[flags & 3]!));
  if (dictionary !== 0) {
    throw new Error(`a frame that needs dictionary ${dictionary}; compress it without one`);
  }
  if (single) return { window: littleEndian(fields.subarray(DICTIONARY_ID[flags & 3]!)) };
  const base = 2 ** (10 + (header[5]! >> 3));
  return { window: base + (base / 8) * (header[5]! & 7) };
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
