/** Compressions that the runtime has, in steps on the event loop: gzip and zstd. @module */
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
import { memory, type Reservation } from "./memory.ts";
import { type Codec, decoder, type Transcoder } from "./transcoder.ts";
import { type Turn, turns } from "./turns.ts";
import { frameParts } from "./zstd_frames.ts";

/** What comes out at a time: whoever takes it writes it to a disk, and each write has a price. */
const chunkSize = 256 * 1024;
/** Bytes that go in at a time. */
const STEP = 64 * 1024;
/** What a stream takes whatever its data say, in bytes. */
const BASE = 1 << 20;
/** zstd's own default, and what official exporters keep to; its decoder refuses more. */
const LARGEST_WINDOW = 128 << 20;

/** Reads several members as one, and zlib's own format, too, as official exporters do. */
export const gzip: Codec = {
  decode: decoder("gzip", through(() => createUnzip({ chunkSize }), inSteps)),
  encode: through(() => createGzip({ chunkSize }), inSteps),
};

/** @see gzip; the runtime's decoder knows one frame, and does not miss the rest of it. */
export const zstd: Codec = {
  decode: decoder("zstd", through(createFrameDecoder, frames)),
  encode: through(
    () => createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    inSteps,
  ),
};

/** It asks for the next bytes only when it is through with those before. */
function createFrameDecoder(): Transform & ZlibReset {
  const options = { chunkSize, writableHighWaterMark: 1 } as ZstdOptions;
  // Deno's has what its types leave out.
  return createZstdDecompress(options) as unknown as Transform & ZlibReset;
}

/** Gives a transform its input, in bounded steps; is left when the transform is. */
type Feed<T> = (
  transform: T,
  bytes: AsyncIterable<Uint8Array>,
  turn: Turn,
  reserved: Reservation,
) => AsyncIterable<Uint8Array>;

function through<T extends Duplex>(create: () => T, feed: Feed<T>): Transcoder {
  return async function* (bytes) {
    using reserved = memory.reserve(BASE);
    const turn = turns.join();
    const transform = create();
    // What breaks it, the loop below is told.
    pipeline(feed(transform, bytes, turn, reserved), transform).catch(() => {});
    const gathered = new Gathered(chunkSize);
    for await (const chunk of transform as AsyncIterable<Uint8Array>) {
      const ready = gathered.add(chunk);
      if (!ready) continue;
      await turn();
      yield ready;
    }
    if (gathered.length > 0) yield gathered.take();
  };
}

async function* inSteps(
  _transform: Duplex,
  bytes: AsyncIterable<Uint8Array>,
  turn: Turn,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += STEP) {
      await turn();
      yield chunk.subarray(at, at + STEP);
    }
  }
}

/**
 * One decoder for all frames: to make one takes a thousand times as long as a small frame. It
 * gets one block at a time: an error that it meets after its reader has made it wait, it throws
 * where nobody can catch it.
 */
async function* frames(
  decoder: Transform & ZlibReset,
  bytes: AsyncIterable<Uint8Array>,
  turn: Turn,
  reserved: Reservation,
): AsyncGenerator<Uint8Array> {
  const window = (size: number) => reserved.growTo(BASE + Math.min(size, LARGEST_WINDOW));
  for await (const part of frameParts(bytes, { step: turn, window })) {
    await turn();
    if (part.bytes.length > 0) yield part.bytes;
    // The decoder is through with them: it asks for more.
    if (part.last) decoder.reset();
  }
}
