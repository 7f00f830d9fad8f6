/** A gRPC client on one connection. @module */
import { withDeadline } from "../../base/deadline.ts";
import { Code } from "../code.ts";
import { messageOf } from "../error.ts";
import { Http2Endpoint, type Keepalive } from "../http2/endpoint.ts";
import type { Header } from "../http2/header_table.ts";
import type { Link } from "../net/link.ts";
import type { Share } from "./budget.ts";
import { responseStream, singleResponse } from "./responses.ts";
import { ClientCall } from "./client_call.ts";
import { DEFAULT_MAX_MESSAGE } from "./message.ts";
import { formatTimeout, StatusError } from "./status.ts";

/** Options of a client. */
export interface GrpcClientOptions {
  /** `:authority` of its calls: host and port. */
  readonly authority: string;
  readonly keepalive: Keepalive;
  /** The longest message that is accepted, in bytes. @default 4 MiB */
  readonly maxMessage?: number;
  /** Called once the link is closed. */
  onClosed?(): void;
}

/** The client's part of a generated method. */
export interface ClientMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Uint8Array;
  readonly responseDeserialize: (bytes: never) => Response;
}

/** Options of a call. */
export interface CallSettings {
  /** Headers of the call beside those of gRPC. */
  readonly metadata?: readonly Header[];
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call ends with DEADLINE_EXCEEDED; the server is told. @default no end */
  readonly timeoutMs?: number | undefined;
  /** The only request, which is sent at once. @default requests are sent by the caller */
  readonly request?: Uint8Array;
  /** Counts the memory of the call, if given. */
  readonly share?: Share | undefined;
  /** Whether each message is a copy; else it is valid only until its listener returns. @default true */
  readonly keep?: boolean;
}

/** Calls over one link; when the link ends, so does the client. */
export class GrpcClient implements Disposable {
  readonly #endpoint: Http2Endpoint;
  readonly #authority: string;
  readonly #maxMessage: number;
  readonly #greeted = Promise.withResolvers<void>();

  constructor(link: Link, options: GrpcClientOptions) {
    const { authority, keepalive, maxMessage = DEFAULT_MAX_MESSAGE, onClosed } = options;
    this.#authority = authority;
    this.#maxMessage = maxMessage;
    this.#greeted.promise.catch(() => {});
    this.#endpoint = new Http2Endpoint("client", link, keepalive, {
      greeted: () => this.#greeted.resolve(),
      closed: (error) => {
        const what = error ? messageOf(error) : "the connection was closed";
        this.#greeted.reject(new StatusError(Code.UNAVAILABLE, what));
        onClosed?.();
      },
    });
  }

  /**
   * A client on `link`, once the peer has shown that it speaks HTTP/2.
   *
   * @throws {StatusError} UNAVAILABLE when the link is closed before, and the signal's reason
   */
  static async open(
    link: Link,
    options: GrpcClientOptions,
    signal: AbortSignal,
  ): Promise<GrpcClient> {
    const client = new GrpcClient(link, options);
    await client.ready(signal);
    return client;
  }

  /**
   * Waits until the peer has shown that it speaks HTTP/2, and closes the link when it does not.
   *
   * @throws as {@linkcode open}
   */
  async ready(signal: AbortSignal): Promise<void> {
    try {
      await withDeadline(this.#greeted.promise, { signal });
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether another call can be made. */
  get usable(): boolean {
    return this.#endpoint.connection.canOpen;
  }

  /** Whether the peer answers a PING within `ms` milliseconds. */
  answers(ms: number): Promise<boolean> {
    return this.#endpoint.answers(ms);
  }

  /**
   * Makes a call.
   *
   * @throws {StatusError} UNAVAILABLE when the connection is closed or takes no more calls,
   *   and the signal's reason when it is aborted already
   */
  call(
    path: string,
    { metadata = [], request, keep = true, ...options }: CallSettings = {},
  ): ClientCall {
    const { signal, timeoutMs } = options;
    signal?.throwIfAborted();
    this.#checkUsable(path);
    const stream = this.#endpoint.connection.open([
      [":method", "POST"],
      [":scheme", "https"],
      [":path", path],
      [":authority", this.#authority],
      ["te", "trailers"],
      ...(timeoutMs === undefined ? [] : [["grpc-timeout", formatTimeout(timeoutMs)] as const]),
      ["content-type", "application/grpc"],
      ["user-agent", "jmp"],
      ...metadata,
    ]);
    const call = new ClientCall(stream, { ...options, max: this.#maxMessage, keep });
    if (request) {
      call.send(request);
      call.halfClose();
    }
    return call;
  }

  /**
   * Calls a method with one request and one response.
   *
   * @throws {StatusError} unless the call succeeds, and the signal's reason
   */
  async unary<Request, Response>(
    { path, requestSerialize, responseDeserialize }: ClientMethod<Request, Response>,
    request: Request,
    settings?: CallSettings,
  ): Promise<Response> {
    const call = this.call(path, { ...settings, request: requestSerialize(request) });
    return await singleResponse(call, responseDeserialize);
  }

  /**
   * Calls a method with one request and many responses, which are read on demand. A reader
   * that leaves early ends the call; one that never begins holds it until the signal aborts.
   *
   * Reading throws as {@linkcode unary} does.
   */
  stream<Request, Response>(
    { path, requestSerialize, responseDeserialize }: ClientMethod<Request, Response>,
    request: Request,
    settings?: CallSettings,
  ): ReadableStream<Response> {
    const call = this.call(path, { ...settings, request: requestSerialize(request) });
    return responseStream(call, responseDeserialize);
  }

  /** Closes the connection when its last call has ended. */
  shutDown(): void {
    this.#endpoint.shutDown();
  }

  [Symbol.dispose](): void {
    this.#endpoint.close();
  }

  #checkUsable(path: string): void {
    if (this.usable) return;
    const { closed } = this.#endpoint.connection;
    const why = closed ? "the connection is closed" : "the connection takes no more calls";
    throw new StatusError(Code.UNAVAILABLE, `Cannot call ${path}: ${why}`);
  }
}
