/** The server's side of one gRPC call. @module */
import { Code } from "../code.ts";
import { printableOutput } from "../../text/printable.ts";
import { redacted } from "../../text/secrets.ts";
import { codeOf, messageOf, ResourceExhausted } from "../error.ts";
import { Reason } from "../http2/codes.ts";
import { type Header, valueOf } from "../http2/header_table.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Call, type CallOptions } from "./call.ts";
import { MessageError } from "./message.ts";
import {
  detailsHeader,
  headerValues,
  MAX_METADATA,
  metadataSize,
  parseTimeout,
  StatusError,
} from "./status.ts";

const HEADERS: readonly Header[] = [[":status", "200"], ["content-type", "application/grpc"]];
const OK: readonly Header[] = [["grpc-status", "0"]];

/** Longest delay of a timer in milliseconds; longer deadlines are ignored. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Memory of a call besides its headers and messages, in bytes. */
const CALL_COST = 2 * 1024;

/** How a call is served. */
export interface ServerCallOptions extends Omit<CallOptions, "keep"> {
  /** Returns a signal that is aborted when the call's connection is closed. */
  readonly connection?: () => AbortSignal;
}

/** A call, from its headers to the end of its handler. */
export class ServerCall extends Call {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly #connection: (() => AbortSignal) | undefined;
  #headers: readonly Header[];
  /** Its memory besides its messages. */
  readonly #cost: number;
  #controller: AbortController | undefined;
  #reason: DOMException | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #begun = false;
  #finished = false;
  #settled = false;
  #failure: unknown;

  constructor(stream: Http2Stream, headers: readonly Header[], options: ServerCallOptions = {}) {
    super(stream, options);
    this.#connection = options.connection;
    this.#headers = headers;
    this.#cost = CALL_COST + metadataSize(headers);
    this.path = valueOf(headers, ":path") ?? "";
    const limit = valueOf(headers, "grpc-timeout");
    const timeout = limit === undefined ? undefined : parseTimeout(limit);
    if (timeout !== undefined && timeout < MAX_TIMER_MS) {
      this.#deadline = setTimeout(() => this.#expire(), timeout);
    }
    this.keep(0);
  }

  override keep(bytes: number): void {
    super.keep(this.#settled ? 0 : this.#cost + bytes);
  }

  /** The call's handler has ended: frees the call's memory. */
  settle(): void {
    this.#settled = true;
    this.keep(0);
  }

  /** The values of a key of the client's metadata. */
  metadata(name: string): string[] {
    return headerValues(this.#headers, name);
  }

  /** The value of a header. */
  header(name: string): string | undefined {
    return valueOf(this.#headers, name);
  }

  /** Aborted when the client leaves, at the call's deadline, or with the session. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Aborted when the client's connection is closed. */
  get connection(): AbortSignal | undefined {
    return this.#connection?.();
  }

  /** Whether the client still waits for the call's end. */
  get waiting(): boolean {
    return !this.#finished && !this.over;
  }

  /** The error that ended the call, unless it came after the client had left or the call was aborted. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Aborts the call's signal; the handler then ends the call. */
  abort(reason: DOMException): void {
    if (!this.#finished) this.#abort(reason);
  }

  #abort(reason: DOMException): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /**
   * Sends the headers now, with metadata if given.
   *
   * @throws {ResourceExhausted} for more metadata than clients accept; the call continues
   */
  begin(metadata: readonly Header[] = []): void {
    if (this.#begun || this.#finished) return;
    const headers = metadata.length === 0 ? HEADERS : [...HEADERS, ...metadata];
    const size = metadataSize(headers);
    if (size > MAX_METADATA) {
      const what = `Cannot send metadata: expected at most ${MAX_METADATA} bytes, found ${size}`;
      throw new ResourceExhausted(what);
    }
    this.#begun = true;
    this.stream.headers(headers);
  }

  override send(message: Uint8Array): boolean {
    this.begin();
    return super.send(message);
  }

  override sendBytes(bytes: Uint8Array): number {
    this.begin();
    return super.sendBytes(bytes);
  }

  /** Ends the call once all messages are sent. Details are cut to the size that clients accept. */
  close(code: Code = Code.OK, details = "", metadata: readonly Header[] = []): void {
    if (this.#finished) return;
    if (code === Code.OK) this.begin();
    this.#finished = true;
    clearTimeout(this.#deadline);
    this.deafen();
    const plain = code === Code.OK && metadata.length === 0;
    this.stream.end(plain ? OK : this.#trailers(code, details, metadata));
  }

  #trailers(code: Code, details: string, metadata: readonly Header[]): Header[] {
    const trailers: Header[] = [
      ...(this.#begun ? [] : HEADERS),
      ["grpc-status", String(code)],
      ...metadata,
    ];
    if (details === "") return trailers;
    return [...trailers, detailsHeader(details, MAX_METADATA - metadataSize(trailers))];
  }

  /** Ends the call with the status of an error. */
  fail(error: unknown): void {
    this.#note(error);
    this.endWith(error);
  }

  /** Ends the call with the status of an error that is no {@linkcode failure}. */
  endWith(error: unknown): void {
    const details = error instanceof StatusError ? error.details : messageOf(error);
    // Clients print it on their terminal.
    this.close(codeOf(error), printableOutput(redacted(details)));
  }

  #note(error: unknown): void {
    if (!this.#finished && !this.#reason) this.#failure = error;
  }

  /** Refuses a call without reading its messages: fails it after `ms`, unless the client leaves before. */
  turnAway(error: unknown, ms = 0): void {
    this.deafen();
    this.#headers = [];
    this.settle();
    clearTimeout(this.#deadline);
    if (ms === 0) this.fail(error);
    else this.#deadline = setTimeout(() => this.fail(error), ms);
  }

  /** Resolves when there is room to send more, or the call is over. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unsent === 0 || this.over) resolve();
      else this.#waiter = resolve;
    });
  }

  #waiter: (() => void) | undefined;

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.();
  }

  override drained(): void {
    this.#wake();
    super.drained();
  }

  /** Trailers of clients have no meaning. */
  headers(): void {}

  protected refuse(error: unknown): void {
    // Unsent messages would keep their memory, and delay the status.
    if (error instanceof ResourceExhausted && this.unsent > 0) {
      this.stream.reset(Reason.ENHANCE_YOUR_CALM);
    }
    if (this.#finished) return;
    if (error instanceof MessageError) this.#refuseMessage(error);
    else this.fail(error);
    // Last, because a listener of the signal may end the call in turn.
    this.#abort(new DOMException(messageOf(error), "AbortError"));
    this.finish();
    this.#wake();
  }

  #refuseMessage(error: MessageError): void {
    this.#note(error);
    const { kind, message } = error;
    if (kind === "too large") this.close(Code.RESOURCE_EXHAUSTED, `SERVER: ${message}`);
    else {
      const encodings: Header[] = [["grpc-accept-encoding", "identity"]];
      this.close(Code.UNIMPLEMENTED, `Cannot read a message: ${message}`, encodings);
    }
  }

  protected broke(_reason: number): void {
    clearTimeout(this.#deadline);
    this.abort(new DOMException("the client left", "AbortError"));
    this.#finished = true;
    this.#wake();
  }

  #expire(): void {
    this.abort(new DOMException("the client's deadline has passed", "TimeoutError"));
    // Unsent messages would come too late, and delay the status.
    if (this.unsent > 0) this.stream.reset(Reason.CANCEL);
    this.close(Code.DEADLINE_EXCEEDED, "the client's deadline has passed");
    this.finish();
    this.#wake();
  }
}
