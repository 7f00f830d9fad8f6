/** Presigned GET: the exporter downloads in the client's stead. @module */
import type { IncomingMessage } from "node:http";
import { InvalidArgument } from "../../wire/error.ts";
import { codecFor } from "../../codec/encoding.ts";
import type { PresignedHandle } from "../../driver/handle.ts";
import { Once } from "../../driver/source.ts";
import { redact } from "./address.ts";
import { arrive } from "./redirects.ts";
import { type Exchange, expectSuccess, inTime } from "./request.ts";

/** Content encodings, which are undone here as the official exporter does it. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "gzip",
  "zstd": "zstd",
};

/**
 * Requests what `handle` names, through redirects, and gives its bytes.
 *
 * @throws {DriverError} for an answer that is no success, and for a broken connection;
 * addresses in its message have no query.
 */
export async function download(
  handle: PresignedHandle,
  options: Pick<Exchange, "signal" | "silenceMs">,
): Promise<Once> {
  const { url, headers, method } = handle;
  if (method !== "GET") {
    throw new InvalidArgument(
      `Cannot read from ${redact(url)}: expected a GET request, found ${method}`,
    );
  }
  const { response, exchange } = await arrive("GET", {
    verb: "download",
    url,
    headers,
    ...options,
  });
  return bodyOf(response, exchange);
}

/** The bytes of a successful answer. @throws {DriverError} if it is none. */
export function bodyOf(response: IncomingMessage, exchange: Exchange): Once {
  try {
    expectSuccess(response, exchange);
  } catch (error) {
    response.destroy();
    throw error;
  }
  const encoding = ENCODINGS[response.headers["content-encoding"]?.toLowerCase() ?? ""];
  const bytes = arriving(response, exchange);
  if (encoding) return new Once(codecFor(encoding).decode(bytes));
  const length = response.headers["content-length"];
  return new Once(bytes, length === undefined ? undefined : Number(length));
}

/** The body; whoever takes long over a chunk is not to blame for silence. */
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
