/** Follows redirects. @module */
import type { IncomingMessage } from "node:http";
import { follow, parseAddress, redact, sameOrigin } from "./address.ts";
import { messageOf } from "../../wire/error.ts";
import { refusalBy } from "./carrier.ts";
import { begin, type Exchange, failure, inTime, type Sent } from "./exchange.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;

/**
 * The headers that a redirect to another origin keeps: they say what is requested, and in which
 * form. All others may hold secrets under any name (`authorization`, `x-api-key`) or belong to
 * the first origin alone (`host`).
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

/** The last answer, and the exchange that it belongs to. */
export interface Arrival {
  readonly response: IncomingMessage;
  readonly exchange: Exchange;
}

/** A request: its method, and its body if it has one. */
interface Payload {
  readonly method: string;
  readonly body: Uint8Array | undefined;
}

/**
 * Makes a request and follows redirects; the answer has any other status. Like the official
 * exporter it also follows from https to http, which is another origin.
 *
 * @throws {DriverError} for a broken connection, for more than 10 redirects, and for one that
 *   leads to no address.
 */
export async function arrive(
  method: string,
  first: Exchange,
  body?: Uint8Array,
): Promise<Arrival> {
  let exchange = first;
  let payload: Payload = { method, body };
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await send(payload, exchange);
    const { statusCode = 0 } = response;
    if (!REDIRECTS.has(statusCode)) return { response, exchange };
    response.destroy();
    const url = target(response, exchange);
    const headers = sameOrigin(exchange.url, url) ? exchange.headers : harmless(exchange.headers);
    exchange = { ...exchange, url, headers };
    if (!becomesGet(payload, statusCode)) continue;
    exchange = { ...exchange, headers: withoutContent(headers) };
    payload = { method: "GET", body: undefined };
  }
  // These words and "missing Location header" are the official ones, which tests look for.
  throw failure(first, `Too many redirects: expected at most ${MAX_REDIRECTS}, found more`);
}

/** A 303, or a 301 or 302 after a POST, is followed by GET (RFC 9110 §15.4). */
function becomesGet({ method }: Payload, status: number): boolean {
  return status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
}

function withoutContent(headers: Exchange["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^content-/i.test(name)),
  );
}

/** Longest wait for the direct answer after a proxy has refused, in milliseconds. */
const DIRECT_MS = 5_000;

/** Sends directly what an optional proxy does not pass on. */
async function send(payload: Payload, exchange: Exchange): Promise<IncomingMessage> {
  const { response, hop } = await sendOnce(payload, exchange);
  const refusal = exchange.proxies === "optional" ? refusalBy(hop, response) : undefined;
  if (refusal === undefined) return response;
  response.destroy();
  try {
    const direct: Exchange = { ...exchange, proxies: false, silenceMs: DIRECT_MS };
    return (await sendOnce(payload, direct)).response;
  } catch (error) {
    if (exchange.signal.aborted) throw error;
    throw failure(exchange, refusal);
  }
}

/** An answer, and the proxy that may have given it. */
type Received = { readonly response: IncomingMessage } & Pick<Sent, "hop">;

async function sendOnce({ method, body }: Payload, exchange: Exchange): Promise<Received> {
  const { request, response, hop } = await begin(method, exchange);
  request.end(body);
  try {
    return { response: await inTime(exchange, response), hop };
  } catch (error) {
    request.destroy();
    throw error;
  }
}

function target(response: IncomingMessage, exchange: Exchange): string {
  const { headers: { location }, statusCode } = response;
  if (!location) {
    throw failure(
      exchange,
      `expected an address, found status ${statusCode} missing Location header`,
    );
  }
  try {
    const url = follow(exchange.url, location);
    parseAddress(url);
    return url;
  } catch (error) {
    const why = /^https?:/i.test(location) ? ` (${messageOf(error)})` : "";
    throw failure(
      exchange,
      `expected a redirect to http://… or https://…, found one to ${redact(location)}${why}`,
    );
  }
}

function harmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())),
  );
}
