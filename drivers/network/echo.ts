/** A byte stream that echoes, for tests. @module */
import { PassThrough } from "node:stream";
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import { streamKeeper } from "./connect.ts";

/** Chunks that are buffered, as many as in the official driver. */
const BUFFERED_CHUNKS = 32;

/** Opens an echo for each stream. */
export function open({ scope }: OpenContext<unknown>): Methods {
  const keep = streamKeeper(scope);
  return { bytes: { connect: () => keep(echo()) } };
}

/** In object mode, because a byte stream would join chunks and drop empty ones. */
function echo(): PassThrough {
  return new PassThrough({ objectMode: true, highWaterMark: BUFFERED_CHUNKS / 2 });
}
