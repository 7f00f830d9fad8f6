/** Presigned GET: the exporter downloads in the client's stead. @module */
import type { IncomingMessage } from "node:http";
import { InvalidArgument } from "../../../wire/error.ts";
import { codecFor } from "../encoding.ts";
import type { PresignedHandle } from "../handle.ts";
import { Once } from "../source.ts";
import { follow, redact, sameOrigin } from "./address.ts";
import { begin, type Exchange, expectSuccess, failure, inTime } from "./request.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;

/** Beginnings of the names of headers that are secrets of one origin. */
const SECRET = ["authorization", "cookie", "proxy-authorization", "x-amz-", "x-ms-", "x-goog-"];

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
  if (handle.method !== "GET") {
    throw new InvalidArgument(
      `Cannot read from ${redact(handle.url)}: expected a GET request, found ${handle.method}`,
    );
  }
  let { url, headers } = handle;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const exchange: Exchange = { verb: "download", url, headers, ...options };
    const response = await get(exchange);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return body(response, exchange);
    response.destroy();
    const next = target(response, exchange);
    if (!sameOrigin(url, next)) headers = withoutSecrets(headers);
    url = next;
  }
  throw failure(
    { verb: "download", url: handle.url, headers, ...options },
    `expected at most ${MAX_REDIRECTS} redirects, found more`,
  );
}

async function get(exchange: Exchange): Promise<IncomingMessage> {
  const { request, response } = begin("GET", exchange);
  request.end();
  try {
    return await inTime(exchange, response);
  } catch (error) {
    request.destroy();
    throw error;
  }
}

function target(response: IncomingMessage, exchange: Exchange): string {
  const { location } = response.headers;
  if (location) return follow(exchange.url, location);
  throw failure(exchange, `status ${response.statusCode} is a redirect, but says not where to`);
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      !SECRET.some((prefix) => name.toLowerCase().startsWith(prefix))
    ),
  );
}

function body(response: IncomingMessage, exchange: Exchange): Once {
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
