/** Read-only storages on a web server. @module */
import type { IncomingMessage } from "node:http";
import { bodyOf } from "../../src/hardware/http/body.ts";
import { type Exchange, failure } from "../../src/hardware/http/exchange.ts";
import { arrive } from "../../src/hardware/http/redirects.ts";
import { printable } from "../../src/text/printable.ts";
import type { Flag } from "./capability.ts";
import { isDirectory, normalize, ROOT } from "./path.ts";
import { StorageError, unsupported } from "./problem.ts";
import type { Backend, Metadata, Presigned, Reader } from "./storage.ts";

const ABLE: readonly Flag[] = [
  "stat",
  "stat_with_if_match",
  "stat_with_if_none_match",
  "read",
  "read_with_if_match",
  "read_with_if_none_match",
  "shared",
  "blocking",
];
/** Further capabilities of an address that needs no credentials. */
const PRESIGN: readonly Flag[] = ["presign", "presign_read", "presign_stat"];

/** The keys of `kwargs:` for this scheme. */
export interface HttpOptions {
  readonly endpoint: string;
  readonly root?: string;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

/** Reads by GET and HEAD below `endpoint`. */
export class HttpBackend implements Backend {
  readonly scheme = "http";
  readonly able: ReadonlySet<Flag>;
  readonly #options: HttpOptions;
  readonly #signal: AbortSignal;

  /** @param signal aborts requests that are still running. */
  constructor(options: HttpOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.able = new Set(this.#isGuarded() ? ABLE : [...ABLE, ...PRESIGN]);
  }

  async stat(path: string): Promise<Metadata> {
    const { response } = await arrive("HEAD", {
      verb: "request",
      url: this.#url(path),
      headers: this.#headers(),
      proxies: "optional",
      signal: this.#signal,
    });
    response.destroy();
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return metadataOf(path, response);
    // A server may not know directories, so one that is not found may still contain files.
    if (isDirectory(path) && statusCode === 404) return { directory: true, size: 0 };
    throw refusal(path, response);
  }

  read(path: string, { size }: Metadata): Promise<Reader> {
    return Promise.resolve({
      ...(size !== undefined && { size }),
      from: (position) =>
        size !== undefined && position >= size ? nothing() : this.#get(path, position),
      close() {},
    });
  }

  async *#get(path: string, position: number): AsyncGenerator<Uint8Array> {
    const range: Record<string, string> = position > 0 ? { range: `bytes=${position}-` } : {};
    const { response, exchange } = await arrive("GET", {
      verb: "download",
      url: this.#url(path),
      headers: { ...this.#headers(), ...range },
      proxies: "optional",
      signal: this.#signal,
    });
    const bytes = bodyOf(response, exchange);
    // A server may ignore the range and send the whole file.
    yield* skip(bytes, position - startOf(response, exchange));
  }

  presign(operation: "stat" | "read" | "write", path: string): Presigned {
    if (this.#isGuarded()) {
      throw unsupported("presign", this.scheme, "its address requires a user name or a token");
    }
    if (operation === "write") {
      throw unsupported("presign", this.scheme, "a storage of scheme 'http' is read-only");
    }
    const method = operation === "stat" ? "HEAD" : "GET";
    return { url: this.#url(path), method, headers: {} };
  }

  #url(path: string): string {
    const { endpoint, root = "" } = this.#options;
    const below = normalize(`${root}/`);
    const whole = (below === ROOT ? "" : below) + (path === ROOT ? "" : path);
    return `${endpoint}/${whole.split("/").map(encodeURIComponent).join("/")}`;
  }

  #isGuarded(): boolean {
    return this.#headers()["authorization"] !== undefined;
  }

  #headers(): Record<string, string> {
    const { username, password = "", token } = this.#options;
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    if (username === undefined) return {};
    const credentials = new TextEncoder().encode(`${username}:${password}`);
    return { authorization: `Basic ${btoa(String.fromCharCode(...credentials))}` };
  }
}

/** The position that an answer begins at. @throws {DriverError} for a range behind the one asked for. */
function startOf(response: IncomingMessage, exchange: Exchange): number {
  if (response.statusCode !== 206) return 0;
  const asked = Number(/\d+/.exec(exchange.headers["range"] ?? "")?.[0] ?? 0);
  const { "content-range": range = "" } = response.headers;
  const start = /^bytes (\d+)-/.exec(range)?.[1];
  // The header is required; without it the answer is taken for the range that was asked for.
  if (start === undefined || Number(start) <= asked) return Number(start ?? asked);
  response.destroy();
  throw failure(exchange, `expected bytes from ${asked} on, found '${printable(range)}'`);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* skip(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

function metadataOf(path: string, { headers }: IncomingMessage): Metadata {
  const { etag, "content-length": length } = headers;
  const text = (name: string) => {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const [type, md5, disposition] = ["content-type", "content-md5", "content-disposition"].map(text);
  return {
    directory: isDirectory(path),
    ...(length !== undefined && { size: Number(length) }),
    ...(type !== undefined && { type }),
    ...(etag !== undefined && { etag }),
    ...(md5 !== undefined && { md5 }),
    ...(disposition !== undefined && { disposition }),
  };
}

function refusal(path: string, { statusCode, statusMessage }: IncomingMessage): StorageError {
  const what = `the server answers ${statusCode} ${statusMessage ?? ""}`.trim();
  if (statusCode === 404) return new StorageError("NotFound", "stat", `${what}: '${path}'`);
  const denied = statusCode === 401 || statusCode === 403;
  return new StorageError(denied ? "PermissionDenied" : "Unexpected", "stat", `${what}: '${path}'`);
}
