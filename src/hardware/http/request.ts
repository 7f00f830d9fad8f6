/** Requests with small answers, as the devices of a lab give them. @module */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { Deadline } from "../../base/deadline.ts";
import { concat } from "../../base/bytes.ts";
import { describeIssues } from "../../text/issue.ts";
import { messageOf, Timeout } from "../../wire/error.ts";
import { redact } from "./address.ts";
import { contentOf } from "./body.ts";
import { connectionFailure } from "./connection_failure.ts";
import { type Exchange, failure } from "./exchange.ts";
import { type Query, withQuery } from "./query.ts";
import { type Arrival, arrive } from "./redirects.ts";
import { expectSuccessOf } from "./status.ts";

/** How to make a request. */
export interface RequestOptions {
  /** Parameters that are appended to the address; messages do not show them. */
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Basic authentication by user and password, or a bearer token. */
  readonly auth?: { readonly user: string; readonly password: string } | { readonly token: string };
  /** Longest time until the whole answer is here, redirects included. @default 30_000 */
  readonly timeoutMs?: number;
  /** Ends the request: `call.signal`, or the `signal` of `open`. */
  readonly signal?: AbortSignal;
  /** Longest body of an answer in bytes. @default 1 MiB */
  readonly maxBytes?: number;
  /** PEM certificates that are trusted instead of the host's. */
  readonly ca?: string;
  /** Whether HTTP_PROXY, HTTPS_PROXY and NO_PROXY apply. @default true */
  readonly proxies?: boolean;
  /** Whether an answer of any status is returned; otherwise one that is not 2xx is a StatusError. */
  readonly anyStatus?: boolean;
}

/** An answer, with its body. */
export interface HttpResponse {
  readonly status: number;
  /** The reason phrase: `Not Found`; may be empty. */
  readonly statusText: string;
  /** By their names in lower case. */
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  text(): string;
  /** The body as JSON. @throws {DriverError} if it is none. */
  json(): unknown;
  /** The body as JSON that fits `schema`. @throws {DriverError} if it is none or does not fit. */
  json<T>(schema: z.ZodType<T>): T;
}

/**
 * Makes a request, follows up to 10 redirects, and reads the answer. TLS trusts the
 * certificates of the host. A redirect to another origin gets no headers that may be secret.
 *
 * @throws {Timeout} if the answer is not complete in time.
 * @throws {ConnectionFailed} if the host is unknown, cannot be reached, refuses or hangs up.
 * @throws {StatusError} for a status that is not 2xx.
 * @throws {DriverError} for other failures, such as an answer that is too long or a certificate
 *   that is not trusted. Each message contains the method and the address without its query.
 * @throws {InvalidArgument} for an address that is not http://… or https://…
 * @throws the reason of `signal` when it aborts.
 */
export async function request(
  method: string,
  url: string,
  options: RequestOptions = {},
): Promise<HttpResponse> {
  const { timeoutMs = 30_000, body, query = {}, signal, ca, proxies = true } = options;
  const address = withQuery(url, query);
  const late = () => {
    const bound = `${timeoutMs / 1000} s`;
    return new Timeout(`Cannot ${method} ${redact(address)}: found no answer within ${bound}`);
  };
  using deadline = new Deadline({ ms: timeoutMs, signal, late });
  const exchange: Exchange = {
    verb: method,
    url: address,
    headers: { ...options.headers, ...authorization(options.auth) },
    signal: deadline.signal,
    silenceMs: timeoutMs,
    ca,
    proxies,
  };
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  try {
    return await answerTo(await arrive(method, exchange, bytes), options);
  } catch (error) {
    throw connectionFailure(error);
  }
}

async function answerTo(
  { response, exchange }: Arrival,
  { maxBytes = 1 << 20, anyStatus, auth }: RequestOptions,
): Promise<HttpResponse> {
  try {
    if (!anyStatus) await expectSuccessOf(response, exchange, Object.values(auth ?? {}));
    return answerOf(response, exchange, await wholeBody(response, exchange, maxBytes));
  } finally {
    response.destroy();
  }
}

async function wholeBody(
  response: IncomingMessage,
  exchange: Exchange,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of contentOf(response, exchange)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw failure(exchange, `expected at most ${maxBytes} bytes in the answer, found more`);
    }
    chunks.push(chunk);
  }
  return concat(chunks);
}

function answerOf(response: IncomingMessage, exchange: Exchange, body: Uint8Array): HttpResponse {
  const { statusCode = 0, statusMessage = "", headers } = response;
  const text = () => new TextDecoder().decode(body);
  return {
    status: statusCode,
    statusText: statusMessage,
    headers,
    body,
    text,
    json<T>(schema?: z.ZodType<T>) {
      const value = parseJson(text(), exchange);
      if (!schema) return value as T;
      const { success, data, error } = schema.safeParse(value);
      if (success) return data;
      throw failure(exchange, `unexpected answer: ${describeIssues(error.issues, value)}`);
    },
  };
}

function parseJson(text: string, exchange: Exchange): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure(exchange, `expected JSON in the answer: ${messageOf(error)}`);
  }
}

function authorization(auth: RequestOptions["auth"]): Record<string, string> {
  if (!auth) return {};
  if ("token" in auth) return { authorization: `Bearer ${auth.token}` };
  const credentials = Buffer.from(`${auth.user}:${auth.password}`).toString("base64");
  return { authorization: `Basic ${credentials}` };
}
