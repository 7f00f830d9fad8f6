/** How many bytes the peer may send, on each stream and on all together (RFC 9113 §6.9). @module */
import { ConnectionError, DEFAULT_WINDOW, Reason } from "./codes.ts";
import type { Http2Stream } from "./stream.ts";

/** The window of a stream in bytes: enough for 200 MB/s at a round trip of 20 ms. */
export const STREAM_WINDOW = 4 * 1024 * 1024;
/** The window of the connection in bytes. */
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/** Unread bytes of all streams from which on the connection's window stays closed. */
const MAX_HELD = 32 * 1024 * 1024;
/** Windows are opened in steps of this part of their size. */
const STEP = 1 / 8;

/** Lets the peer send `bytes` more, on a stream or (0) on all together. */
type Announce = (stream: number, bytes: number) => void;

/**
 * The windows of one connection. The connection's window opens as data arrives, so that an
 * unread stream does not block the others, until the unread bytes of all streams are too many.
 */
export class ReceiveWindow {
  readonly #announce: Announce;
  #left = CONNECTION_WINDOW;
  #owed = 0;
  #held = 0;

  constructor(announce: Announce) {
    this.#announce = announce;
  }

  /** Opens the window to its full size, at the start of a connection. */
  open(): void {
    this.#announce(0, CONNECTION_WINDOW - DEFAULT_WINDOW);
  }

  /** Counts a DATA frame of `length` bytes. @throws {ConnectionError} FLOW_CONTROL_ERROR */
  spend(length: number): void {
    if (length > this.#left) {
      throw new ConnectionError(Reason.FLOW_CONTROL_ERROR, "more data than the window allows");
    }
    this.#left -= length;
    this.#owed += length;
  }

  /** Counts `bytes` as unread by `stream`. */
  hold(stream: Http2Stream, bytes: number): void {
    stream.held += bytes;
    this.#held += bytes;
  }

  /** Counts `bytes` of `stream` as read, and opens its window when that is worth a frame. */
  credit(stream: Http2Stream, bytes: number): void {
    const count = Math.min(bytes, stream.held);
    stream.held -= count;
    this.#held -= count;
    stream.owed += count;
    if (stream.owed >= STREAM_WINDOW * STEP && !stream.closed && !stream.remoteEnded) {
      this.#announce(stream.id, stream.owed);
      stream.receiveWindow += stream.owed;
      stream.owed = 0;
    }
    this.settle();
  }

  /** Drops the unread bytes of `stream`, which is closed. */
  forget(stream: Http2Stream): void {
    this.#held -= stream.held;
    stream.held = 0;
    this.settle();
  }

  /** Opens the connection's window when that is worth a frame. */
  settle(): void {
    if (this.#owed < CONNECTION_WINDOW * STEP || this.#held > MAX_HELD) return;
    this.#announce(0, this.#owed);
    this.#left += this.#owed;
    this.#owed = 0;
  }
}
