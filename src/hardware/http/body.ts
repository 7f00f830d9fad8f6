/** The body of an answer. @module */
import type { IncomingMessage } from "node:http";
import { codecFor } from "../../codec/encoding.ts";
import { Once } from "../../driver/source.ts";
import { type Exchange, expectSuccess, inTime } from "./exchange.ts";

/** The codecs of content encodings, which are decoded as by the official exporter. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "gzip",
  "zstd": "zstd",
};

/** The body of a successful answer, decoded, as it arrives. @throws {DriverError} for another status. */
export function bodyOf(response: IncomingMessage, exchange: Exchange): Once {
  try {
    expectSuccess(response, exchange);
  } catch (error) {
    response.destroy();
    throw error;
  }
  return contentOf(response, exchange);
}

/** The body of an answer of any status. @see bodyOf */
export function contentOf(response: IncomingMessage, exchange: Exchange): Once {
  const encoding = ENCODINGS[response.headers["content-encoding"]?.toLowerCase() ?? ""];
  const bytes = arriving(response, exchange);
  if (encoding) return new Once(codecFor(encoding).decode(bytes));
  const length = response.headers["content-length"];
  return new Once(bytes, length === undefined ? undefined : Number(length));
}

/** The bytes as they arrive; the time that the reader takes for a chunk does not count as silence. */
async function* arriving(
  response: IncomingMessage,
  exchange: Exchange,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = response[Symbol.asyncIterator]();
  let count = 0;
  try {
    for (;;) {
      const { done, value } = await inTime(exchange, chunks.next(), ` after ${count} bytes`);
      if (done) return;
      yield value;
      count += value.length;
    }
  } finally {
    response.destroy();
  }
}
