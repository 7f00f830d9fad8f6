/** Presigned requests: the exporter transfers bytes from or to an address that a client names. @module */
import type { ClientRequest } from "node:http";
import { InvalidArgument } from "../../wire/error.ts";
import type { PresignedHandle } from "../../driver/handle.ts";
import type { Source } from "../../driver/resources.ts";
import type { Once } from "../../driver/source.ts";
import { printable } from "../../text/printable.ts";
import { redact } from "./address.ts";
import { bodyOf } from "./body.ts";
import { refusalBy } from "./carrier.ts";
import { badStatus, begin, type Exchange, expectSuccess, failure, inTime } from "./exchange.ts";
import { measured } from "./measured.ts";
import { arrive } from "./redirects.ts";

/**
 * Requests what `handle` names, through redirects, and returns its bytes.
 *
 * @throws {DriverError} for a status other than 2xx, and for a broken connection; addresses in
 *   its message have no query.
 */
export async function download(
  handle: PresignedHandle,
  options: Pick<Exchange, "signal" | "silenceMs" | "onTrailing">,
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
    proxies: "optional",
    ...options,
  });
  return bodyOf(response, exchange);
}

/**
 * Sends `content` to what `handle` names; resolves when the other side has confirmed it. The
 * request has a Content-Length wherever the size is known, because S3 refuses it otherwise.
 *
 * @throws {DriverError} for a status other than 2xx, for a broken connection, and for content of
 *   another size than announced; addresses in its message have no query. Errors of `content` pass
 *   unchanged.
 */
export async function upload(
  handle: PresignedHandle,
  content: Source,
  options: Pick<Exchange, "signal" | "silenceMs">,
): Promise<void> {
  const { url, headers, method } = handle;
  if (method !== "PUT") {
    throw new InvalidArgument(
      `Cannot write to ${redact(url)}: expected a PUT request, found ${method}`,
    );
  }
  const exchange: Exchange = { verb: "upload to", url, headers, proxies: "optional", ...options };
  const whole = await measured(content);
  try {
    const length = lengthOf(exchange, whole.size);
    const sized = length === undefined ? headers : { ...headers, "content-length": `${length}` };
    await put({ ...exchange, headers: sized }, whole, length);
  } finally {
    whole.leave();
  }
}

/** The size by the request's own header, or that of the content. */
function lengthOf(exchange: Exchange, size: number | undefined): number | undefined {
  const [, header] =
    Object.entries(exchange.headers).find(([name]) => name.toLowerCase() === "content-length") ??
      [];
  if (header === undefined) return size;
  if (!/^\d{1,15}$/.test(header)) {
    throw new InvalidArgument(
      `Cannot upload to ${redact(exchange.url)}: expected a number as its Content-Length, ` +
        `found '${printable(header)}'`,
    );
  }
  if (size !== undefined && size !== Number(header)) throw otherSize(exchange, header, size);
  return Number(header);
}

async function put(exchange: Exchange, content: Source, length?: number): Promise<void> {
  const { request, response, hop } = await begin("PUT", exchange);
  let answered = false;
  response.catch(() => {}).finally(() => answered = true);
  let count = 0;
  try {
    for await (const chunk of content) {
      if (answered) break;
      if (length !== undefined && count + chunk.length > length) {
        throw otherSize(exchange, length, "more");
      }
      if (!request.write(chunk)) {
        await inTime(exchange, Promise.race([drained(request), response]), ` after ${count} bytes`);
      }
      count += chunk.length;
    }
    const early = answered;
    if (!early && count < (length ?? 0)) throw otherSize(exchange, length!, count);
    if (!early) request.end();
    const answer = await inTime(exchange, response, ` after ${count} bytes`);
    if (length === undefined && WANTS_LENGTH.has(answer.statusCode!)) {
      throw failure(exchange, `${badStatus(answer)}: ${WITHOUT_LENGTH}`);
    }
    const refusal = refusalBy(hop, answer);
    if (refusal !== undefined) throw failure(exchange, refusal);
    expectSuccess(answer, exchange);
    if (early) throw failure(exchange, `it was answered before it was whole, after ${count} bytes`);
  } finally {
    request.destroy();
  }
}

/** Length Required, and Not Implemented, by which S3 refuses a body of unknown length. */
const WANTS_LENGTH: ReadonlySet<number> = new Set([411, 501]);

const WITHOUT_LENGTH = "the server wants to know the size in advance, as S3 does, which is not " +
  "known here; dump to a file, and upload that: curl -T FILE 'URL'";

function otherSize(exchange: Exchange, length: number | string, found: number | string) {
  const bytes = `expected ${length} bytes, as its Content-Length says`;
  return failure(exchange, `${bytes}, found ${found}`);
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => request.once("drain", resolve));
}
