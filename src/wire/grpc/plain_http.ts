/** Answers to HTTP requests that are not gRPC calls. @module */
import { type Header, valueOf } from "../http2/header_table.ts";
import type { Http2Stream, StreamListener } from "../http2/stream.ts";

/** Bytes of a request's body that are read and dropped before it is answered. */
const MAX_IGNORED = 64 * 1024;

const BODY = new TextEncoder().encode("Here is gRPC: POST, with content-type application/grpc\n");
const BODY_HEADERS: readonly Header[] = [
  ["content-type", "text/plain"],
  ["content-length", String(BODY.length)],
];

/** The HTTP answer to a request that is not gRPC; undefined for a gRPC call. */
export function httpAnswer(headers: readonly Header[]): readonly Header[] | undefined {
  // RFC 9110 §15.5.6 requires `allow`.
  if (valueOf(headers, ":method") !== "POST") return [[":status", "405"], ["allow", "POST"]];
  const type = valueOf(headers, "content-type") ?? "";
  return /^application\/grpc($|[+;])/.test(type) ? undefined : [[":status", "415"]];
}

/** Answers when the request has ended or its body is long: HTTP/2 violations in it are found first. */
export class HttpRequest implements StreamListener {
  readonly #stream: Http2Stream;
  readonly #answer: readonly Header[];
  /** Answers to HEAD have no body (RFC 9110 §9.3.2). */
  readonly #body: boolean;
  #ignored = 0;

  constructor(stream: Http2Stream, request: readonly Header[], answer: readonly Header[]) {
    this.#stream = stream;
    this.#answer = [...answer, ...BODY_HEADERS];
    this.#body = valueOf(request, ":method") !== "HEAD";
    stream.listener = this;
  }

  headers(): void {}

  data(bytes: Uint8Array): void {
    this.#ignored += bytes.length;
    this.#stream.credit(bytes.length);
    if (this.#ignored > MAX_IGNORED) this.end();
  }

  end(): void {
    this.#stream.headers(this.#answer, !this.#body);
    this.#stream.write(BODY);
    this.#stream.end();
  }

  reset(): void {}

  drained(): void {}
}

/**
 * The fault of a call's headers, or undefined. A proxy that removes `te` would also remove the
 * trailers, and with them the status.
 */
export function faultOfCall(headers: readonly Header[]): string | undefined {
  if (valueOf(headers, "te") === "trailers") return undefined;
  return "expected the header `te: trailers`, found none: is there a proxy that does not support gRPC?";
}
