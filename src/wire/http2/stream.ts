/** One stream of a connection: what both sides still may say on it. @module */
import type { Header } from "./header_table.ts";

/** Hears of one stream. Nothing is told after `reset`. */
export interface StreamListener {
  /** The peer's headers, or its trailers where they come a second time. */
  headers(headers: readonly Header[], end: boolean): void;
  /** Bytes, valid during the call only. Whoever keeps them says when with `credit`. */
  data(bytes: Uint8Array): void;
  /** The peer has said all. */
  end(): void;
  /** The stream is over before both sides had ended it; `why` where the peer broke a rule. */
  reset(reason: number, why?: string): void;
  /** All that was written has left for the connection's output. */
  drained(): void;
}

/** What a stream needs of its connection. */
export interface StreamOwner {
  sendHeaders(stream: Http2Stream, headers: Iterable<Header>, end: boolean): void;
  sendPending(stream: Http2Stream): void;
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
   * Sends pieces as the windows allow. They must stay as they are until `drained`.
   *
   * @returns how many bytes have not yet left.
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

  /** Ends our side once everything has left, with trailers where given. */
  end(trailers?: Iterable<Header>): void {
    if (!this.canSend) return;
    this.ending = true;
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
  /** Whether the peer's first headers have come. */
  opened = false;
  /** Bytes that the peer takes, less its initial window: see `SendWindows`. */
  sendOffset = 0;
  receiveWindow: number;
  /** What the peer's `content-length` says, where there is one. */
  contentLength: number | undefined;
  /** Bytes of data that have come. */
  received = 0;
  /** Received and not yet credited. */
  held = 0;
  /** Credited and not yet told to the peer. */
  owed = 0;
  pending: Uint8Array[] = [];
  pendingBytes = 0;
  ending = false;
  trailers: Iterable<Header> | undefined;
}
