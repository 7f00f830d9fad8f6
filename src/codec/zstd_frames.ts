/**
 * Where the frames of zstd data end (RFC 8878 §3.1): the runtime's decoder stops silently
 * after the first, and takes a frame without its end for a whole one.
 *
 * @module
 */
import { Input } from "./input.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The last digit of the first byte is free. */
const SKIPPABLE = [0x50, 0x2a, 0x4d, 0x18];
/** Bytes of the fields that the frame header's flags announce. */
const DICTIONARY_ID = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 4;
const RLE_BLOCK = 1;
const BLOCK_HEADER = 3;

/**
 * A part of a frame: one block at the most, which gives 128 KB at the most. The check sum is
 * a part of its own.
 */
export interface FramePart {
  readonly bytes: Uint8Array;
  /** Whether the frame ends with it; then there may be no bytes. */
  readonly last: boolean;
}

/** What is told on the way. */
export interface FrameOptions {
  /** Called before each step of work. */
  readonly step: () => Promise<void>;
  /** Hears for each frame how many bytes its decoder must remember; throws if that is too much. */
  readonly window: (bytes: number) => void;
}

/**
 * The frames with content, in parts; those to be skipped are left out. What is behind the last
 * one and begins no other is passed over, as official exporters do.
 *
 * @throws {Error} unless there is a frame, and each is whole.
 */
export async function* frameParts(
  bytes: AsyncIterable<Uint8Array>,
  { step, window }: FrameOptions,
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
      else return await input.drain();
    }
  } finally {
    await input.close();
  }
}

/** Whether `found`, which may be cut short by the end of the data, is the begin of `magic`. */
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

/** Passes over `count` bytes, and gives them as they come. */
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
