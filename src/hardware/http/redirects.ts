/** Follows redirects. @module */
import type { IncomingMessage } from "node:http";
import { follow, parseAddress, redact, sameOrigin } from "./address.ts";
import { begin, type Exchange, failure, inTime } from "./request.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;

/**
 * The headers that also another origin may see: what is asked for, and in which form. All
 * others may hold secrets (`authorization`, `x-api-key`, `private-token`, whatever a site
 * calls them) or belong to the first origin alone (`host`).
 */
const HARMLESS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "pragma",
  "range",
  "user-agent",
]);

/** The last answer, and the request that it belongs to. */
export interface Arrival {
  readonly response: IncomingMessage;
  readonly exchange: Exchange;
}

/**
 * Requests something, wherever it is by now; the answer may be of any other status. Like the
 * official exporter it follows from https to http as well: that is another origin.
 *
 * @throws {DriverError} for a broken connection, and for redirects without an end or to what
 * is no address.
 */
export async function arrive(method: "GET" | "HEAD", first: Exchange): Promise<Arrival> {
  let exchange = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await send(method, exchange);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return { response, exchange };
    response.destroy();
    const url = target(response, exchange);
    const headers = sameOrigin(exchange.url, url) ? exchange.headers : harmless(exchange.headers);
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
  const { headers: { location }, statusCode } = response;
  if (!location) {
    throw failure(exchange, `status ${statusCode} is a redirect, but says not where to`);
  }
  try {
    const url = follow(exchange.url, location);
    parseAddress(url);
    return url;
  } catch {
    throw failure(
      exchange,
      `expected a redirect to http://… or https://…, found one to ${redact(location)}`,
    );
  }
}

function harmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())),
  );
}
