/** One call, as a server has it. @module */
import { Code } from "../code.ts";
import { redacted } from "../../text/secrets.ts";
import { codeOf, messageOf } from "../error.ts";
import { Reason } from "../http2/codes.ts";
import type { Header } from "../http2/header_table.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Call } from "./call.ts";
import { MessageError } from "./message.ts";
import { encodeDetails, header, headerValues, parseTimeout } from "./status.ts";

const HEADERS: readonly Header[] = [[":status", "200"], ["content-type", "application/grpc"]];
const OK: readonly Header[] = [["grpc-status", "0"]];

/** Longest delay of a timer; a deadline beyond is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A call that is being served, from its headers to the end of its handler. */
export class ServerCall extends Call {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly #headers: readonly Header[];
  #controller: AbortController | undefined;
  #reason: DOMException | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #begun = false;
  #finished = false;

  constructor(stream: Http2Stream, headers: readonly Header[]) {
    super(stream, true);
    this.#headers = headers;
    this.path = header(headers, ":path") ?? "";
    const timeout = parseTimeout(header(headers, "grpc-timeout") ?? "");
    if (timeout !== undefined && timeout < MAX_TIMER_MS) {
      this.#deadline = setTimeout(() => this.#expire(), timeout);
    }
  }

  /** The values of a key of the client's metadata. */
  metadata(name: string): string[] {
    return headerValues(this.#headers, name);
  }

  /** The value of a header. */
  header(name: string): string | undefined {
    return header(this.#headers, name);
  }

  /** Aborted when the client leaves, at the call's deadline, or with the session. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether the client still waits for the call's end. */
  get waiting(): boolean {
    return !this.#finished && !this.over;
  }

  /** Ends the work for this call; its handler ends the call itself. */
  abort(reason: DOMException): void {
    if (this.#finished || this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** Sends the headers, now, with metadata where there is some. */
  begin(metadata: readonly Header[] = []): void {
    if (this.#begun || this.#finished) return;
    this.#begun = true;
    this.stream.headers(metadata.length === 0 ? HEADERS : [...HEADERS, ...metadata]);
  }

  override send(message: Uint8Array): boolean {
    this.begin();
    return super.send(message);
  }

  /** Ends the call once everything has left. */
  close(code: Code = Code.OK, details = "", metadata: readonly Header[] = []): void {
    if (this.#finished) return;
    if (code === Code.OK) this.begin();
    this.#finished = true;
    clearTimeout(this.#deadline);
    const trailers = code === Code.OK && metadata.length === 0 ? OK : [
      ...(this.#begun ? [] : HEADERS),
      ["grpc-status", String(code)] as const,
      ...(details === "" ? [] : [["grpc-message", encodeDetails(details)] as const]),
      ...metadata,
    ];
    this.stream.end(trailers);
  }

  /** Ends the call with the status that a thrown `error` has. */
  fail(error: unknown): void {
    this.close(codeOf(error), redacted(messageOf(error)));
  }

  /** Fails the call after `ms`, unless the client leaves before. */
  failLater(error: unknown, ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.fail(error), ms);
  }

  /** Resolves when there is room to send more, or nobody to send it to. */
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

  /** Trailers of a client say nothing. */
  headers(): void {}

  protected refuse(error: unknown): void {
    if (!(error instanceof MessageError)) return this.fail(error);
    const compressed = error.kind === "compressed";
    const encodings: Header[] = compressed ? [["grpc-accept-encoding", "identity"]] : [];
    const code = compressed ? Code.UNIMPLEMENTED : Code.RESOURCE_EXHAUSTED;
    this.abort(new DOMException(error.message, "AbortError"));
    this.close(code, `Cannot take a message: ${error.message}`, encodings);
  }

  protected broke(_reason: number): void {
    clearTimeout(this.#deadline);
    this.abort(new DOMException("the client left", "AbortError"));
    this.#finished = true;
    this.#wake();
  }

  #expire(): void {
    this.abort(new DOMException("the client's deadline has passed", "TimeoutError"));
    // What has not left by now comes too late, and the status would have to wait for it.
    if (this.unsent > 0) this.stream.reset(Reason.CANCEL);
    this.close(Code.DEADLINE_EXCEEDED, "the client's deadline has passed");
    this.finish();
    this.#wake();
  }
}
