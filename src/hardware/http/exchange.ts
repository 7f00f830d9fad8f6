/** One HTTP request on a connection of its own, and its answer, within bounds. @module */
import {
  type ClientRequest,
  type IncomingMessage,
  request as requestPlain,
  type RequestOptions,
} from "node:http";
import { request as requestSecure } from "node:https";
import { connect as connectTls } from "node:tls";
import { isIP, type Socket } from "node:net";
import type { OnTrailing } from "../../codec/transcoder.ts";
import { withDeadline } from "../../base/deadline.ts";
import { trustedRoots } from "../../wire/net/trusted_roots.ts";
import { DriverError, messageOf, Timeout } from "../../wire/error.ts";
import { type Hop, ProxyFailed } from "../../wire/proxy/failure.ts";
import { proxyAuthorization } from "../../wire/proxy/proxy.ts";
import { certificateFailure } from "./certificate_failure.ts";
import { type Address, parseAddress, redact } from "./address.ts";
import { type Carrier, carrierFor } from "./carrier.ts";

/** Longest silence of the other side when it is its turn, in milliseconds. */
const SILENCE_MS = 120_000;

/** Longest head of an answer in bytes: sites with many cookies or policies exceed node's 16 KB. */
const MOST_HEADERS = 256 * 1024;

/** A request, apart from its method and body. */
export interface Exchange {
  /** For messages: `Cannot <verb> <url>: …`. */
  readonly verb: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the exchange; errors are then the signal's reason. */
  readonly signal: AbortSignal;
  /** Longest silence of the other side when it is its turn. @default 120_000 */
  readonly silenceMs?: number | undefined;
  /** PEM certificates that are trusted instead of the host's. */
  readonly ca?: string | undefined;
  /**
   * Whether http_proxy, https_proxy and no_proxy apply. With `optional` the connection is direct
   * where the proxy cannot be reached or refuses it.
   *
   * @default false
   */
  readonly proxies?: boolean | "optional" | undefined;
  /** @see OnTrailing */
  readonly onTrailing?: OnTrailing | undefined;
}

/** A request that was begun. */
export interface Sent {
  readonly request: ClientRequest;
  /** The way, where a proxy receives the request itself, and may answer in place of the other end. */
  readonly hop?: Hop | undefined;
  /** The head of the answer; its body is still to be read. */
  readonly response: Promise<IncomingMessage>;
}

/**
 * Begins a request.
 *
 * @throws {DriverError} for an address or a header that cannot be sent, and for a proxy that
 *   does not connect.
 */
export async function begin(method: string, exchange: Exchange): Promise<Sent> {
  const { request, hop } = await create(method, exchange);
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    request.once("response", (head) => {
      answer = head;
      // A reader finds it when it reads; without one, it must not end the program.
      answer.on("error", () => {});
      resolve(answer);
    });
    request.on("error", (error) => {
      const reason = explained(error, answer !== undefined);
      reject(reason);
      // The body may be complete by its own account.
      answer?.destroy(reason);
    });
    request.once("close", () => reject(new Error("the connection was closed")));
  });
  // The caller may not await it yet when it fails.
  response.catch(() => {});
  abortWith(exchange.signal, request);
  return { request, response, hop };
}

/** Puts the errors of node's parser in words. */
function explained(error: Error & { readonly code?: string }, answered: boolean): Error {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    const most = `${MOST_HEADERS / 1024} KB`;
    return new Error(`expected at most ${most} of headers, found more (Header overflow)`);
  }
  if (answered && error.code === "HPE_INVALID_CONSTANT") {
    return new Error("expected a body as long as its Content-Length says, found more bytes");
  }
  return error;
}

type Created = Pick<Sent, "request" | "hop">;

async function create(method: string, exchange: Exchange): Promise<Created> {
  const address = parseAddress(exchange.url);
  const { host, port, target, user } = address;
  const options: RequestOptions = {
    method,
    host,
    port,
    path: target,
    headers: { "accept": "*/*", "accept-encoding": "identity", ...lowerCase(exchange.headers) },
    agent: false,
    maxHeaderSize: MOST_HEADERS,
    ...(user !== undefined && { auth: user }),
  };
  try {
    const carrier = await carrierFor(address, exchange);
    if (address.secure) return { request: createSecure(options, address, exchange, carrier) };
    if (carrier?.hop) return createByProxy(options, address, carrier.hop, carrier.socket);
    return { request: requestPlain({ ...options, ...over(carrier) }) };
  } catch (error) {
    if (error instanceof ProxyFailed) throw failure(exchange, error.message, error);
    if (exchange.signal.aborted || error instanceof DriverError) throw error;
    // Node names the header, and does not show its value.
    throw failure(exchange, messageOf(error));
  }
}

/** An agent, even a new one, would not use a given connection. */
function over(carrier: Carrier | undefined): RequestOptions {
  return carrier ? { agent: undefined, createConnection: () => carrier.socket } : {};
}

function createSecure(
  options: RequestOptions,
  { host }: Address,
  exchange: Exchange,
  carrier: Carrier | undefined,
): ClientRequest {
  const ca = exchange.ca ?? trustedRoots({ insecure: false });
  const tls = { ...(ca !== undefined && { ca }), ...(!isIP(host) && { servername: host }) };
  const secure = { ...options, ...tls };
  if (!carrier) return requestSecure(secure);
  const { socket } = carrier;
  const createConnection = () => connectTls({ socket, host, ...tls });
  return requestSecure({ ...secure, agent: undefined, createConnection });
}

/** A request in absolute form (RFC 9112 §3.2.2). */
function createByProxy(
  options: RequestOptions,
  address: Address,
  hop: Hop,
  socket: Socket,
): Created {
  const host = hostHeader(address);
  const request = requestPlain({
    ...options,
    ...over({ socket }),
    path: `http://${host}${address.target}`,
    headers: { host, ...options.headers as Headers, ...proxyAuthorization(hop.proxy) },
  });
  return { request, hop };
}

type Headers = Readonly<Record<string, string>>;

/** The value of the Host header. */
function hostHeader({ secure, host, port }: Address): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === (secure ? 443 : 80) ? name : `${name}:${port}`;
}

function abortWith(signal: AbortSignal, request: ClientRequest): void {
  const abort = () => request.destroy(signal.reason);
  if (signal.aborted) return void abort();
  signal.addEventListener("abort", abort);
  request.once("close", () => signal.removeEventListener("abort", abort));
}

/**
 * Waits for the next thing that the other side does.
 *
 * @param progress follows the address in messages: ` after 12 bytes`.
 * @throws {DriverError} if it fails, or takes too long (a Timeout).
 * @throws the signal's reason when it has aborted.
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
    const cause = await certificateFailure(exchange, error);
    throw new type(messageFor(exchange, messageOf(cause), progress), { cause });
  }
}

/** @throws {DriverError} unless the status of the answer is 2xx. */
export function expectSuccess(response: IncomingMessage, exchange: Exchange): void {
  const problem = badStatus(response);
  if (problem !== undefined) throw failure(exchange, problem);
}

/** The problem of an answer whose status is not 2xx. */
export function badStatus({ statusCode = 0, statusMessage }: IncomingMessage): string | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  return `expected a success, found status ${statusCode} ${statusMessage ?? ""}`.trim();
}

/** An error for the client; its message contains the address without its query. */
export function failure(exchange: Exchange, what: string, cause?: unknown): DriverError {
  return new DriverError(messageFor(exchange, what), { cause });
}

function messageFor({ verb, url }: Exchange, what: string, progress = ""): string {
  return `Cannot ${verb} ${redact(url)}${progress}: ${what}`;
}

function lowerCase(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
