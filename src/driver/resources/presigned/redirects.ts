/** Follows redirects. @module */
import type { IncomingMessage } from "node:http";
import { follow, sameOrigin } from "./address.ts";
import { begin, type Exchange, failure, inTime } from "./request.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;

/** Beginnings of the names of headers that are secrets of one origin. */
const SECRET = ["authorization", "cookie", "proxy-authorization", "x-amz-", "x-ms-", "x-goog-"];

/** The last answer, and the request that it belongs to. */
export interface Arrival {
  readonly response: IncomingMessage;
  readonly exchange: Exchange;
}

/**
 * Requests something, wherever it is by now; the answer may be of any other status.
 *
 * @throws {DriverError} for a broken connection, and for redirects without a direction or
 * an end.
 */
export async function arrive(method: "GET" | "HEAD", first: Exchange): Promise<Arrival> {
  let exchange = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await send(method, exchange);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return { response, exchange };
    response.destroy();
    const url = target(response, exchange);
    const headers = sameOrigin(exchange.url, url)
      ? exchange.headers
      : withoutSecrets(exchange.headers);
    exchange = { ...exchange, url, headers };
  }
  throw failure(first, `expected at most ${MAX_REDIRECTS} redirects, found more`);
}

async function send(method: "GET" | "HEAD", exchange: Exchange): Promise<IncomingMessage> {
  const { request, response } = begin(method, exchange);
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
