/** The client's side of one gRPC call. @module */
import { Code } from "../code.ts";
import { messageOf, ResourceExhausted } from "../error.ts";
import { Reason } from "../http2/codes.ts";
import { type Header, valueOf } from "../http2/header_table.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Call, type CallEvents, type CallOptions } from "./call.ts";
import { MessageError } from "./message.ts";
import { type Status, StatusError, statusOf, statusOfReset } from "./status.ts";

/** How its messages are read, and what ends it early. */
export interface ClientCallOptions extends CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Longest delay of a timer in milliseconds; longer deadlines are left to the server. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The content type of gRPC, and how those of its variants begin. */
const GRPC = "application/grpc";

const CANCELLED: Status = { code: Code.CANCELLED, details: "cancelled by this side" };

/** A call that was made, until it has its status. */
export class ClientCall extends Call {
  readonly #status = Promise.withResolvers<Status>();
  readonly #metadata = Promise.withResolvers<readonly Header[]>();
  readonly #cleanup = new DisposableStack();
  #headers: readonly Header[] | undefined;
  #outcome: Status | undefined;
  #failure: unknown;

  constructor(stream: Http2Stream, { signal, timeoutMs, ...options }: ClientCallOptions) {
    super(stream, options);
    // Most callers never ask for it.
    this.#metadata.promise.catch(() => {});
    if (timeoutMs !== undefined && timeoutMs <= MAX_TIMER_MS) this.#expireIn(timeoutMs);
    if (!signal) return;
    const abort = () => this.#cancel(CANCELLED, signal.reason);
    signal.addEventListener("abort", abort);
    this.#cleanup.defer(() => signal.removeEventListener("abort", abort));
  }

  /** How the call ended; undefined before. */
  get outcome(): Status | undefined {
    return this.#outcome;
  }

  protected override begun(listener: CallEvents): void {
    if (this.#headers) listener.metadata?.(this.#headers);
    super.begun(listener);
  }

  /** How the call ended; never rejects. */
  get status(): Promise<Status> {
    return this.#status.promise;
  }

  /**
   * Resolves when the call has ended with OK.
   *
   * @throws {StatusError} when it has failed, and the reason of the signal that ended it
   */
  async success(): Promise<void> {
    const { code } = await this.status;
    if (code !== Code.OK) throw this.#failure;
  }

  /**
   * The headers that the server sends before its first message, its metadata among them. Rejects
   * as {@linkcode success} does when the call fails without them.
   */
  get metadata(): Promise<readonly Header[]> {
    return this.#metadata.promise;
  }

  /** Tells the server that no more messages follow. */
  halfClose(): void {
    this.stream.end();
  }

  /** Ends the call now, with `status` on this side. */
  cancel(status: Status = CANCELLED): void {
    this.#cancel(status);
  }

  /** @internal */
  headers(headers: readonly Header[], end: boolean): void {
    if (end || this.#headers) return this.#settle(statusOf(headers));
    if (valueOf(headers, ":status") !== "200") return this.cancel(statusOf(headers));
    const type = valueOf(headers, "content-type") ?? GRPC;
    if (!type.startsWith(GRPC)) return this.cancel(notGrpc(type));
    this.#headers = headers;
    this.#metadata.resolve(headers);
    this.listener?.metadata?.(headers);
  }

  /**
   * @internal A server that has answered resets the stream, as it takes no more (RFC 9113 §8.1). Its
   * messages and status have arrived, and are still delivered.
   */
  override reset(reason: number, why?: string): void {
    if (!this.complete) super.reset(reason, why);
  }

  protected override ended(): void {
    this.#settle({ code: Code.INTERNAL, details: "the peer ended the call without a status" });
    // A server that has answered takes no more.
    if (!this.stream.closed) this.stream.reset(Reason.NO_ERROR);
    this.finish();
  }

  protected refuse(error: unknown): void {
    if (error instanceof ResourceExhausted) {
      return this.cancel({ code: error.code, details: messageOf(error) });
    }
    const tooLarge = error instanceof MessageError && error.kind === "too large";
    const code = tooLarge ? Code.RESOURCE_EXHAUSTED : Code.INTERNAL;
    this.cancel({ code, details: `Cannot read a message: ${messageOf(error)}` });
  }

  protected broke(reason: number, why?: string): void {
    this.#settle(statusOfReset(reason, why));
  }

  #expireIn(ms: number): void {
    const details = `the call took longer than ${ms / 1000} s`;
    const timer = setTimeout(() => this.cancel({ code: Code.DEADLINE_EXCEEDED, details }), ms);
    this.#cleanup.defer(() => clearTimeout(timer));
  }

  #cancel(status: Status, failure?: unknown): void {
    if (this.over) return;
    this.stream.reset(Reason.CANCEL);
    this.#settle(status, failure);
    this.finish();
  }

  /** Does nothing where the call has a status. */
  #settle(status: Status, failure?: unknown): void {
    if (this.#outcome) return;
    this.#outcome = status;
    this.#cleanup.dispose();
    this.#status.resolve(status);
    const { code, details } = status;
    // A server that has no message to send may answer with trailers alone.
    if (code === Code.OK) return this.#metadata.resolve([]);
    this.#failure = failure ?? new StatusError(code, details);
    this.#metadata.reject(this.#failure);
  }
}

function notGrpc(type: string): Status {
  return { code: Code.UNKNOWN, details: `expected a gRPC response, found content type ${type}` };
}
