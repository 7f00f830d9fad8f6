/** What the peer may send on all streams together, and on each. @module */
import { ConnectionError, DEFAULT_WINDOW, Reason } from "./codes.ts";
import type { Http2Stream } from "./stream.ts";

/** Bytes that the peer may send ahead on one stream: 200 MB/s at 20 ms. */
export const STREAM_WINDOW = 4 * 1024 * 1024;
/** The same on all streams together. */
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/** Bytes that streams may keep before the connection gives no more credit. */
const MAX_HELD = 32 * 1024 * 1024;
/** Credit is told in steps of this part of a window. */
const STEP = 1 / 8;

/** Tells the peer that it may send `bytes` more, on a stream or (0) on all together. */
type Announce = (stream: number, bytes: number) => void;

/**
 * The windows of one connection. That of the connection opens as data comes, so that a
 * stream which nobody reads holds up no other, until streams keep too much in all.
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

  /** A DATA frame of `length` bytes begins. @throws {ConnectionError} FLOW_CONTROL_ERROR */
  spend(length: number): void {
    if (length > this.#left) {
      throw new ConnectionError(Reason.FLOW_CONTROL_ERROR, "more data than the window allows");
    }
    this.#left -= length;
    this.#owed += length;
  }

  /** `bytes` are with `stream`. */
  hold(stream: Http2Stream, bytes: number): void {
    stream.held += bytes;
    this.#held += bytes;
  }

  /** `stream` is done with `bytes`. */
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

  /** `stream` is over. */
  forget(stream: Http2Stream): void {
    this.#held -= stream.held;
    stream.held = 0;
    this.settle();
  }

  /** Opens the connection's window again, where it is worth it. */
  settle(): void {
    if (this.#owed < CONNECTION_WINDOW * STEP || this.#held > MAX_HELD) return;
    this.#announce(0, this.#owed);
    this.#left += this.#owed;
    this.#owed = 0;
  }
}
