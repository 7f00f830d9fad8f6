/** The compressions of node:zlib, in steps on the event loop: gzip, deflate, Brotli and zstd. @module */
import type { Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  constants,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
  type ZlibReset,
  type ZstdOptions,
} from "node:zlib";
import { Gathered } from "./gathered.ts";
import { gzipMembers } from "./gzip_members.ts";
import { Inflater, type InflaterKind } from "./inflater.ts";
import { Input } from "./input.ts";
import { memoryBudget, type Reservation } from "./memory_budget.ts";
import { type Codec, decoder, type OnTrailing, type Transcoder } from "./transcoder.ts";
import { scheduler, type YieldPoint } from "./scheduler.ts";
import { frameParts } from "./zstd_frames.ts";

/** Bytes of an output chunk: each is written to a disk, and each write has an overhead. */
const chunkSize = 256 * 1024;
/** Bytes of input in one step. */
const STEP = 64 * 1024;
/** Bytes of memory that a stream takes, besides the window of its data. */
const BASE = 1 << 20;
/** Bytes of Brotli's largest window. */
const BROTLI_WINDOW = 16 << 20;
const REMEDY = "compress it again without --long: zstd -dc --long=31 IMAGE | zstd -19 -o NEW";
/** The first byte of gzip data. */
const GZIP = 0x1f;
/** The compression method in a header of zlib data. */
const DEFLATED = 8;
/** The largest window that zstd makes: `zstd --long=31`. */
const WINDOW_LOG = 31;

/** Decodes several members as one, and the zlib format as well, as official exporters do. */
export const gzip: Codec = {
  decode: decoder(
    "gzip",
    inflate(async (input) => {
      const [first = GZIP] = await input.peek(1);
      return first === GZIP ? ["deflate", gzipMembers] : ["zlib", single];
    }),
  ),
  encode: through(() => createGzip({ chunkSize }), inSteps),
};

/** Decodes HTTP's `deflate`: the zlib format, or without that frame, as some servers send it. */
export const inflateHttp: Transcoder = decoder(
  "deflate",
  inflate(async (input) => {
    const [method = 0, flags = 0] = await input.peek(2);
    const zlib = (method & 15) === DEFLATED && (256 * method + flags) % 31 === 0;
    return [zlib ? "zlib" : "deflate", single];
  }),
);

/** Decodes HTTP's `br`. */
export const unbrotli: Transcoder = decoder(
  "brotli",
  inflate(() => Promise.resolve(["brotli", single])),
);

/** Decodes frame by frame: node:zlib stops after one, and does not notice that it is cut short. */
export const zstd: Codec = {
  decode: decoder("zstd", through(createFrameDecoder, frames)),
  encode: through(
    () => createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    inSteps,
  ),
};

/** Takes the next bytes only when it has decoded all before. */
function createFrameDecoder(): Transform & ZlibReset {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG };
  const options = { chunkSize, params, writableHighWaterMark: 1 } as ZstdOptions;
  // The types lack `reset`, which Deno has.
  return createZstdDecompress(options) as unknown as Transform & ZlibReset;
}

/** What a feed is bound to. */
interface Bounds {
  readonly step: YieldPoint;
  readonly reserved: Reservation;
  readonly onTrailing: OnTrailing | undefined;
}

/** Feeds a transform in bounded steps; ends when the transform is destroyed. */
type Feed<T> = (
  transform: T,
  bytes: AsyncIterable<Uint8Array>,
  bounds: Bounds,
) => AsyncIterable<Uint8Array>;

function through<T extends Duplex>(create: () => T, feed: Feed<T>): Transcoder {
  return async function* (bytes, onTrailing) {
    using reserved = memoryBudget.reserve(BASE);
    const step = scheduler.join();
    const transform = create();
    yield* piped(feed(transform, bytes, { step, reserved, onTrailing }), transform, step);
  };
}

/** The output of `transform` for the input `bytes`. */
async function* piped(
  bytes: AsyncIterable<Uint8Array>,
  transform: Duplex,
  step: YieldPoint,
): AsyncGenerator<Uint8Array> {
  // The loop below throws what breaks it.
  pipeline(bytes, transform).catch(() => {});
  const gathered = new Gathered(chunkSize);
  for await (const chunk of transform as AsyncIterable<Uint8Array>) {
    const ready = gathered.add(chunk);
    if (!ready) continue;
    await step();
    yield ready;
  }
  if (gathered.length > 0) yield gathered.take();
}

/** Chooses the decoder by the beginning of the input, and what feeds it. */
type Choose = (input: Input) => Promise<[InflaterKind, typeof gzipMembers]>;

function inflate(choose: Choose): Transcoder {
  return async function* (bytes, onTrailing) {
    using reserved = memoryBudget.reserve(BASE);
    const step = scheduler.join();
    const input = new Input(bytes);
    const [kind, feed] = await choose(input);
    if (kind === "brotli") reserved.growTo(BASE + BROTLI_WINDOW);
    const inflater = new Inflater(kind, chunkSize);
    yield* piped(fed(), inflater.transform, step);

    async function* fed(): AsyncGenerator<Uint8Array> {
      try {
        yield* feed(inflater, input, step, onTrailing);
        inflater.finish();
      } finally {
        await input.close();
      }
    }
  };
}

/** Feeds one stream without a frame around it. @see gzipMembers */
async function* single(
  inflater: Inflater,
  input: Input,
  step: YieldPoint,
  onTrailing?: OnTrailing,
): AsyncGenerator<Uint8Array> {
  yield* inflater.feed(input, step);
  yield* inflater.expectEnd();
  const trailing = await input.drain();
  if (trailing > 0) onTrailing?.(trailing);
}

async function* inSteps(
  _transform: Duplex,
  bytes: AsyncIterable<Uint8Array>,
  { step }: Bounds,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += STEP) {
      await step();
      yield chunk.subarray(at, at + STEP);
    }
  }
}

/**
 * Feeds one decoder with all frames: creating one takes a thousand times as long as decoding a
 * small frame. It gets one block at a time: if it fails after its reader has paused it, it
 * throws where nothing can catch the error.
 */
async function* frames(
  decoder: Transform & ZlibReset,
  bytes: AsyncIterable<Uint8Array>,
  { step, reserved, onTrailing }: Bounds,
): AsyncGenerator<Uint8Array> {
  const window = (size: number) => {
    if (size > 2 ** WINDOW_LOG) throw new Error(`a window of ${size} bytes; ${REMEDY}`);
    reserved.growTo(BASE + size);
  };
  for await (const part of frameParts(bytes, { step, window, onTrailing })) {
    await step();
    if (part.bytes.length > 0) yield part.bytes;
    // The decoder has decoded all of it: it has asked for more.
    if (part.last) decoder.reset();
  }
}
