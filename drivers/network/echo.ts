/** A stream that answers with what it is told, for tests. @module */
import { PassThrough } from "node:stream";
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import { streamKeeper } from "./connect.ts";

/** Chunks between a client's sending and its receiving, as in the official driver. */
const BUFFERED_CHUNKS = 32;

/** Answers each stream by itself. */
export function open({ scope }: OpenContext<unknown>): Methods {
  const keep = streamKeeper(scope);
  return { bytes: { connect: () => keep(echo()) } };
}

/** In object mode, since a byte stream would join chunks and drop empty ones. */
function echo(): PassThrough {
  return new PassThrough({ objectMode: true, highWaterMark: BUFFERED_CHUNKS / 2 });
}
