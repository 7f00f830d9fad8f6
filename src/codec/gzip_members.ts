/** Finds the members of gzip data (RFC 1952): the decoder of node:zlib fails at other data behind them. @module */
import type { Inflater } from "./inflater.ts";
import type { Input } from "./input.ts";
import type { YieldPoint } from "./scheduler.ts";
import type { OnTrailing } from "./transcoder.ts";

/** The last byte is the compression: deflate, the only one. */
const MAGIC = [0x1f, 0x8b, 8];
/** Bytes of the header's fixed part. */
const HEADER = 10;
/** Bits of the header's flags. */
const HEADER_CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0;
/** Bytes of the CRC-32 and the length behind the data. */
const TRAILER = 8;

/**
 * Feeds `inflater` with the data of all members. Other data behind the last one, such as the
 * metadata that OpenWrt appends to images, are counted and ignored, as by gunzip.
 *
 * @throws {Error} if there is no member, or one is cut short or damaged.
 */
export async function* gzipMembers(
  inflater: Inflater,
  input: Input,
  step: YieldPoint,
  onTrailing?: OnTrailing,
): AsyncGenerator<Uint8Array> {
  for (let first = true;; first = false) {
    const found = await input.peek(MAGIC.length);
    if (!first && found.length === 0) return;
    if (found.some((byte, index) => byte !== MAGIC[index])) {
      if (first) throw new Error("no gzip header");
      return onTrailing?.(await input.drain());
    }
    await passHeader(input, step);
    if (!first) inflater.reset();
    yield* inflater.feed(input, step);
    check(await take(input, TRAILER), inflater);
  }
}

async function passHeader(input: Input, step: YieldPoint): Promise<void> {
  const flags = (await take(input, HEADER))[3]!;
  if ((flags & RESERVED) !== 0) throw new Error("unknown header flags");
  if ((flags & EXTRA) !== 0) {
    const [low, high] = await take(input, 2);
    await take(input, low! + 256 * high!);
  }
  if ((flags & NAME) !== 0) await passText(input, step);
  if ((flags & COMMENT) !== 0) await passText(input, step);
  if ((flags & HEADER_CRC) !== 0) await take(input, 2);
}

async function take(input: Input, count: number): Promise<Uint8Array> {
  await input.expect(count);
  input.pass(count);
  return input.take();
}

/** Passes over a text and the zero that ends it. */
async function passText(input: Input, step: YieldPoint): Promise<void> {
  for (let end = -1; end < 0;) {
    await step();
    await input.expect(1);
    const bytes = await input.some();
    end = bytes.indexOf(0);
    input.pass(end < 0 ? bytes.length : end + 1);
    input.take();
  }
}

function check(trailer: Uint8Array, { crc, length }: Inflater): void {
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
  if (view.getUint32(0, true) !== crc) throw new Error("the check sum of a member is wrong");
  if (view.getUint32(4, true) !== length % 2 ** 32) {
    throw new Error("the length of a member is wrong");
  }
}
