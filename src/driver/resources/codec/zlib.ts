/** Compressions that the runtime has: gzip and zstd. @module */
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  constants,
  createGzip,
  createUnzip,
  createZstdCompress,
  createZstdDecompress,
} from "node:zlib";
import { type Codec, decoder, type Transcoder } from "./transcoder.ts";
import { eachFrame } from "./zstd_frames.ts";

/** What comes out at a time: whoever takes it writes it to a disk, and each write has a price. */
const chunkSize = 256 * 1024;

/** Reads several members as one, and zlib's own format, too, as official exporters do. */
export const gzip: Codec = {
  decode: decoder("gzip", through(() => createUnzip({ chunkSize }))),
  encode: through(() => createGzip({ chunkSize })),
};

/** @see gzip; the runtime's decoder knows one frame, and does not miss the rest of it. */
export const zstd: Codec = {
  decode: decoder(
    "zstd",
    (bytes) => eachFrame(bytes, through(() => createZstdDecompress({ chunkSize }))),
  ),
  encode: through(() =>
    createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  ),
};

function through(create: () => Duplex): Transcoder {
  return async function* (bytes) {
    const transform = create();
    // What breaks it, the loop below is told.
    pipeline(bytes, transform).catch(() => {});
    yield* transform;
  };
}
