/** One HTTP request, within bounds. @module */
import { type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { withDeadline } from "../../base/deadline.ts";
import { trustedRoots } from "../../wire/net/trusted_roots.ts";
import { DriverError, messageOf, Timeout } from "../../wire/error.ts";
import { parseAddress, redact } from "./address.ts";

/** How long the other side may say nothing when it is its turn. */
const SILENCE_MS = 120_000;

/** A request, and what is said of it when it fails: "Cannot <verb> <address>: …". */
export interface Exchange {
  readonly verb: "download" | "look at" | "upload to";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** @default 120_000 */
  readonly silenceMs?: number;
}

/** A request that was begun. */
export interface Sent {
  readonly request: ClientRequest;
  /** Its answer, whose body has yet to come. */
  readonly response: Promise<IncomingMessage>;
}

/**
 * Begins a request on a connection of its own.
 *
 * @throws {DriverError} for an address or a header that cannot be sent.
 */
export function begin(method: "GET" | "HEAD" | "PUT", exchange: Exchange): Sent {
  const request = create(method, exchange);
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    request.once("close", () => reject(new Error("the connection was closed")));
  });
  // Nobody may be waiting for it yet.
  response.catch(() => {});
  abortWith(exchange.signal, request);
  return { request, response };
}

function create(method: string, exchange: Exchange): ClientRequest {
  const { secure, host, port, target, user } = parseAddress(exchange.url);
  const roots = secure ? trustedRoots({ insecure: false }) : undefined;
  const send = secure ? requestSecure : requestPlain;
  try {
    return send({
      method,
      host,
      port,
      path: target,
      headers: { "accept": "*/*", "accept-encoding": "identity", ...lowerCase(exchange.headers) },
      agent: false,
      ...(user !== undefined && { auth: user }),
      ...(roots !== undefined && { ca: roots }),
    });
  } catch (error) {
    // Node names the header, and does not show its value.
    throw failure(exchange, messageOf(error));
  }
}

function abortWith(signal: AbortSignal, request: ClientRequest): void {
  const abort = () => request.destroy(signal.reason);
  if (signal.aborted) return void abort();
  signal.addEventListener("abort", abort);
  request.once("close", () => signal.removeEventListener("abort", abort));
}

/**
 * What the other side does next.
 *
 * @param progress said in messages, ` after 12 bytes`.
 * @throws {DriverError} when it fails or takes too long; what `signal` says when it is aborted.
 */
export async function inTime<T>(
  exchange: Exchange,
  next: Promise<T>,
  progress: string = "",
): Promise<T> {
  const { signal, silenceMs = SILENCE_MS } = exchange;
  const late = () => new Timeout(`nothing was heard for ${silenceMs / 1000} s`);
  try {
    return await withDeadline(next, { ms: silenceMs, late });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const type = error instanceof Timeout ? Timeout : DriverError;
    throw new type(messageFor(exchange, messageOf(error), progress), { cause: error });
  }
}

/** @throws {DriverError} unless the answer is a success. */
export function expectSuccess(response: IncomingMessage, exchange: Exchange): void {
  const { statusCode = 0, statusMessage } = response;
  if (statusCode >= 200 && statusCode < 300) return;
  throw failure(exchange, `expected a success, found status ${statusCode} ${statusMessage ?? ""}`);
}

/** An error for the client; it tells the address without its query. */
export function failure(exchange: Exchange, what: string): DriverError {
  return new DriverError(messageFor(exchange, what.trim()));
}

function messageFor({ verb, url }: Exchange, what: string, progress = ""): string {
  return `Cannot ${verb} ${redact(url)}${progress}: ${what}`;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
