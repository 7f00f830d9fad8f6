/** Presigned requests: the exporter transfers bytes from or to an address that a client names. @module */
import type { ClientRequest } from "node:http";
import { InvalidArgument } from "../../wire/error.ts";
import type { PresignedHandle } from "../../driver/handle.ts";
import type { Once } from "../../driver/source.ts";
import { redact } from "./address.ts";
import { bodyOf } from "./body.ts";
import { begin, type Exchange, expectSuccess, failure, inTime } from "./exchange.ts";
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
    ...options,
  });
  return bodyOf(response, exchange);
}

/**
 * Sends `content` to what `handle` names; resolves when the other side has confirmed it.
 *
 * @throws {DriverError} for a status other than 2xx, and for a broken connection; addresses in
 *   its message have no query. Errors of `content` pass unchanged.
 */
export async function upload(
  handle: PresignedHandle,
  content: AsyncIterable<Uint8Array>,
  options: Pick<Exchange, "signal" | "silenceMs">,
): Promise<void> {
  const { url, headers, method } = handle;
  if (method !== "PUT") {
    throw new InvalidArgument(
      `Cannot write to ${redact(url)}: expected a PUT request, found ${method}`,
    );
  }
  const exchange: Exchange = { verb: "upload to", url, headers, ...options };
  const { request, response } = await begin("PUT", exchange);
  let answered = false;
  response.catch(() => {}).finally(() => answered = true);
  let count = 0;
  try {
    for await (const chunk of content) {
      if (answered) break;
      if (!request.write(chunk)) {
        await inTime(exchange, Promise.race([drained(request), response]), ` after ${count} bytes`);
      }
      count += chunk.length;
    }
    const early = answered;
    if (!early) request.end();
    const answer = await inTime(exchange, response, ` after ${count} bytes`);
    expectSuccess(answer, exchange);
    if (early) throw failure(exchange, `it was answered before it was whole, after ${count} bytes`);
  } finally {
    request.destroy();
  }
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => request.once("drain", resolve));
}
