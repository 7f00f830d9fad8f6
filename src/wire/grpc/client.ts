/** A gRPC client on one connection. @module */
import { Code } from "../code.ts";
import { messageOf } from "../error.ts";
import { Reason } from "../http2/codes.ts";
import { Http2Endpoint, type Keepalive } from "../http2/endpoint.ts";
import type { Header } from "../http2/header_table.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { Link } from "../link.ts";
import { Call } from "./call.ts";
import { DEFAULT_MAX_MESSAGE, MessageError } from "./message.ts";
import { type Status, StatusError, statusOf, statusOfReset } from "./status.ts";

/** How a client presents itself. */
export interface GrpcClientOptions {
  /** `:authority` of its calls: host and port. */
  readonly authority: string;
  readonly keepalive: Keepalive;
  /** The longest message that is taken, in bytes. @default 4 MiB */
  readonly maxMessage?: number;
  /** Called once the link is closed. */
  onClosed?(): void;
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

  /** Resolves when the peer has shown that it speaks HTTP/2; rejects when the connection ends before. */
  get greeted(): Promise<void> {
    return this.#greeted.promise;
  }

  /** Whether another call can be made. */
  get usable(): boolean {
    return this.#endpoint.connection.canOpen;
  }

  /** Makes a call. */
  call(path: string, metadata: readonly Header[]): ClientCall {
    const stream = this.#endpoint.connection.open([
      [":method", "POST"],
      [":scheme", "https"],
      [":path", path],
      [":authority", this.#authority],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["user-agent", "jmp"],
      ...metadata,
    ]);
    return new ClientCall(stream, this.#maxMessage);
  }

  /** Closes the connection when its last call has ended. */
  shutDown(): void {
    this.#endpoint.shutDown();
  }

  [Symbol.dispose](): void {
    this.#endpoint.close();
  }
}

/** One call, as a client has it. */
export class ClientCall extends Call {
  readonly #status = Promise.withResolvers<Status>();
  #opened = false;

  constructor(stream: Http2Stream, maxMessage: number) {
    // Tunnels pass on what comes: a copy less for each byte.
    super(stream, { keep: false, max: maxMessage });
  }

  /** How the call ended; never rejects. */
  get status(): Promise<Status> {
    return this.#status.promise;
  }

  /** Says that no more messages follow. */
  halfClose(): void {
    this.stream.end();
  }

  /** Ends the call now. */
  cancel(): void {
    if (this.over) return;
    this.stream.reset(Reason.CANCEL);
    this.#settle({ code: Code.CANCELLED, details: "cancelled by this side" });
    this.finish();
  }

  /** @internal */
  headers(headers: readonly Header[], end: boolean): void {
    if (!end && !this.#opened) {
      this.#opened = true;
      const status = headers.find(([name]) => name === ":status")?.[1];
      if (status !== "200") this.#refused(headers);
      return;
    }
    this.#settle(statusOf(headers));
  }

  protected override ended(): void {
    this.#settle({ code: Code.INTERNAL, details: "the peer ended the call without a status" });
    // A server that has answered takes no more.
    if (!this.stream.closed) this.stream.reset(Reason.NO_ERROR);
    this.finish();
  }

  protected refuse(error: unknown): void {
    this.stream.reset(Reason.CANCEL);
    const tooLarge = error instanceof MessageError && error.kind === "too large";
    this.#settle({
      code: tooLarge ? Code.RESOURCE_EXHAUSTED : Code.INTERNAL,
      details: `Cannot take a message: ${messageOf(error)}`,
    });
    this.finish();
  }

  protected broke(reason: number, why?: string): void {
    this.#settle(statusOfReset(reason, why));
  }

  #refused(headers: readonly Header[]): void {
    this.stream.reset(Reason.CANCEL);
    this.#settle(statusOf(headers));
    this.finish();
  }

  #settle(status: Status): void {
    this.#status.resolve(status);
  }
}
