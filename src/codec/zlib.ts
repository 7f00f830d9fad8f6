/** The compressions of node:zlib, in steps on the event loop: gzip and zstd. @module */
import type { Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  constants,
  createGzip,
  createUnzip,
  createZstdCompress,
  createZstdDecompress,
  type ZlibReset,
  type ZstdOptions,
} from "node:zlib";
import { Gathered } from "./gathered.ts";
import { memoryBudget, type Reservation } from "./memory_budget.ts";
import { type Codec, decoder, type Transcoder } from "./transcoder.ts";
import { scheduler, type YieldPoint } from "./scheduler.ts";
import { frameParts } from "./zstd_frames.ts";

/** Bytes of an output chunk: each is written to a disk, and each write has an overhead. */
const chunkSize = 256 * 1024;
/** Bytes of input in one step. */
const STEP = 64 * 1024;
/** Bytes of memory that a stream takes, besides the window of its data. */
const BASE = 1 << 20;
/** The default limit of zstd's decoder, which official exporters keep; it refuses larger ones. */
const LARGEST_WINDOW = 128 << 20;

/** Decodes several members as one, and the zlib format as well, as official exporters do. */
export const gzip: Codec = {
  decode: decoder("gzip", through(() => createUnzip({ chunkSize }), inSteps)),
  encode: through(() => createGzip({ chunkSize }), inSteps),
};

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
  const options = { chunkSize, writableHighWaterMark: 1 } as ZstdOptions;
  // The types lack `reset`, which Deno has.
  return createZstdDecompress(options) as unknown as Transform & ZlibReset;
}

/** Feeds a transform in bounded steps; ends when the transform is destroyed. */
type Feed<T> = (
  transform: T,
  bytes: AsyncIterable<Uint8Array>,
  yieldPoint: YieldPoint,
  reserved: Reservation,
) => AsyncIterable<Uint8Array>;

function through<T extends Duplex>(create: () => T, feed: Feed<T>): Transcoder {
  return async function* (bytes) {
    using reserved = memoryBudget.reserve(BASE);
    const yieldPoint = scheduler.join();
    const transform = create();
    // The loop below throws what breaks it.
    pipeline(feed(transform, bytes, yieldPoint, reserved), transform).catch(() => {});
    const gathered = new Gathered(chunkSize);
    for await (const chunk of transform as AsyncIterable<Uint8Array>) {
      const ready = gathered.add(chunk);
      if (!ready) continue;
      await yieldPoint();
      yield ready;
    }
    if (gathered.length > 0) yield gathered.take();
  };
}

async function* inSteps(
  _transform: Duplex,
  bytes: AsyncIterable<Uint8Array>,
  yieldPoint: YieldPoint,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += STEP) {
      await yieldPoint();
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
  yieldPoint: YieldPoint,
  reserved: Reservation,
): AsyncGenerator<Uint8Array> {
  const window = (size: number) => reserved.growTo(BASE + Math.min(size, LARGEST_WINDOW));
  for await (const part of frameParts(bytes, { step: yieldPoint, window })) {
    await yieldPoint();
    if (part.bytes.length > 0) yield part.bytes;
    // The decoder has decoded all of it: it has asked for more.
    if (part.last) decoder.reset();
  }
}
