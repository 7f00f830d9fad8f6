/** One stream of an HTTP/2 connection. @module */
import type { Header } from "./header_table.ts";

/** Receives the events of one stream; there is none after `reset`. */
export interface StreamListener {
  /** The peer's headers; at the second time, its trailers. */
  headers(headers: readonly Header[], end: boolean): void;
  /** Bytes, valid during the call only. Call `credit` once they are processed. */
  data(bytes: Uint8Array): void;
  /** The peer has ended its side. */
  end(): void;
  /** The stream has ended before both sides did; `why` names a violation of the peer. */
  reset(reason: number, why?: string): void;
  /** All data has moved to the connection's output, or there is room after `writeNow`. */
  drained(): void;
}

/** The connection, as its streams use it. */
export interface StreamOwner {
  sendHeaders(stream: Http2Stream, headers: Iterable<Header>, end: boolean): void;
  sendPending(stream: Http2Stream): void;
  /** Moves bytes into the output, as many as fit now. */
  sendNow(stream: Http2Stream, bytes: Uint8Array): number;
  credit(stream: Http2Stream, bytes: number): void;
  abandon(stream: Http2Stream, reason: number): void;
}

/** A stream; the fields below the methods are its connection's. */
export class Http2Stream {
  readonly id: number;
  readonly #owner: StreamOwner;

  constructor(id: number, owner: StreamOwner, receiveWindow: number) {
    this.id = id;
    this.#owner = owner;
    this.receiveWindow = receiveWindow;
  }

  /** Sends headers at once. */
  headers(headers: Iterable<Header>, end = false): void {
    if (this.canSend) this.#owner.sendHeaders(this, headers, end);
  }

  /**
   * Sends pieces as the windows allow. They must not change until `drained`.
   *
   * @returns the bytes that wait to be sent
   */
  write(...pieces: Uint8Array[]): number {
    if (!this.canSend) return 0;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.pending.push(piece);
      this.pendingBytes += piece.length;
    }
    this.#owner.sendPending(this);
    return this.pendingBytes;
  }

  /**
   * Sends bytes that are valid during the call only, as many as can be sent now.
   *
   * @returns how many that are; when it is not all, `drained` tells that there is room again
   */
  writeNow(bytes: Uint8Array): number {
    return this.canSend ? this.#owner.sendNow(this, bytes) : bytes.length;
  }

  /** Ends our side once all data is sent, with trailers if given. */
  end(trailers?: Iterable<Header>): void {
    if (!this.canSend) return;
    this.ending = true;
    this.wantsRoom = false;
    this.trailers = trailers;
    this.#owner.sendPending(this);
  }

  /** Ends the stream both ways, now. The listener is not told. */
  reset(reason: number): void {
    if (!this.closed) this.#owner.abandon(this, reason);
  }

  /** Lets the peer send `bytes` more. */
  credit(bytes: number): void {
    this.#owner.credit(this, bytes);
  }

  /** Whether our side is open. */
  get canSend(): boolean {
    return !this.closed && !this.ending && !this.localEnded;
  }

  listener: StreamListener | undefined;
  closed = false;
  localEnded = false;
  remoteEnded = false;
  /** Whether the peer's first headers have arrived. */
  opened = false;
  /** Bytes that the peer accepts, less its initial window; see `SendWindows`. */
  sendOffset = 0;
  receiveWindow: number;
  /** The peer's `content-length`, if any. */
  contentLength: number | undefined;
  /** Bytes of data that have arrived. */
  received = 0;
  /** Bytes received and not yet credited. */
  held = 0;
  /** Bytes credited and not yet announced to the peer. */
  owed = 0;
  pending: Uint8Array[] = [];
  pendingBytes = 0;
  /** Whether `writeNow` found too little room. */
  wantsRoom = false;
  ending = false;
  trailers: Iterable<Header> | undefined;
}
