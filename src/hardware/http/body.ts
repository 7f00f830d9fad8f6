/** The body of an answer. @module */
import type { IncomingMessage } from "node:http";
import { contentDecoder, UnknownCoding } from "../../codec/content_coding.ts";
import type { Transcoder } from "../../codec/transcoder.ts";
import { Once } from "../../driver/source.ts";
import { printable } from "../../text/printable.ts";
import { type Exchange, expectSuccess, failure, inTime } from "./exchange.ts";

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

/**
 * The body of an answer of any status.
 *
 * @throws {DriverError} for a content coding that is not known.
 * @see bodyOf
 */
export function contentOf(response: IncomingMessage, exchange: Exchange): Once {
  const decode = decoderOf(response, exchange);
  const bytes = arriving(response, exchange);
  const length = response.headers["content-length"];
  // An empty body is not coded, whatever the header says.
  if (decode && length !== "0") return new Once(decode(bytes, exchange.onTrailing));
  return new Once(bytes, length === undefined ? undefined : Number(length));
}

function decoderOf(response: IncomingMessage, exchange: Exchange): Transcoder | undefined {
  try {
    return contentDecoder(codingsOf(response));
  } catch (error) {
    response.destroy();
    if (!(error instanceof UnknownCoding)) throw error;
    throw failure(exchange, printable(error.message));
  }
}

/** The codings of the content, then those of its transfer (RFC 9112 §6.1). */
function codingsOf({ headers }: IncomingMessage): string {
  const { "content-encoding": content = "", "transfer-encoding": transfer = "" } = headers;
  // Node undoes `chunked`, which comes last.
  return [content, transfer.replace(/(?:^|,)\s*chunked\s*$/i, "")].filter(Boolean).join(", ");
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
      const next = chunks.next().catch((error) => Promise.reject(cut(error, response)));
      const { done, value } = await inTime(exchange, next, ` after ${count} bytes`);
      if (done) return;
      yield value;
      count += value.length;
    }
  } finally {
    response.destroy();
  }
}

/** Says what was expected where the connection ended before the body, which node calls `aborted`. */
function cut(error: Error & { readonly code?: string }, { headers }: IncomingMessage): Error {
  const { message, code } = error;
  if (message !== "aborted") return error;
  const length = headers["content-length"];
  const expected = length === undefined ? "all chunks of the body" : `${length} bytes`;
  const reason = `expected ${expected}, found the connection closed before (aborted); try again`;
  return Object.assign(new Error(reason), { code });
}
