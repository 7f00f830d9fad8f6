/** What the peer takes on each stream (RFC 9113 §6.9). @module */
import { ConnectionError, DEFAULT_WINDOW, MAX_WINDOW, Reason } from "./codes.ts";
import type { Http2Stream } from "./stream.ts";

/**
 * The windows of the streams, as offsets from the initial window that the peer's SETTINGS
 * have now: a change of that is one addition, however many streams are open.
 */
export class SendWindows {
  #initial = DEFAULT_WINDOW;
  /** No offset is above this. */
  #highest = 0;

  /** Bytes that `stream` may send, below zero where the initial window has shrunk. */
  of(stream: Http2Stream): number {
    return this.#initial + stream.sendOffset;
  }

  /** `stream` has sent `bytes`. */
  spend(stream: Http2Stream, bytes: number): void {
    stream.sendOffset -= bytes;
  }

  /** The peer takes `bytes` more of `stream`. @returns whether the window may be that large. */
  grow(stream: Http2Stream, bytes: number): boolean {
    stream.sendOffset += bytes;
    this.#highest = Math.max(this.#highest, stream.sendOffset);
    return this.of(stream) <= MAX_WINDOW;
  }

  /**
   * The peer changes its initial window.
   *
   * @returns whether the windows have grown.
   * @throws {ConnectionError} FLOW_CONTROL_ERROR where one has grown too large
   */
  resize(initial: number, streams: Iterable<Http2Stream>): boolean {
    if (this.#highest + initial > MAX_WINDOW) this.#measure(streams);
    if (this.#highest + initial > MAX_WINDOW) {
      throw new ConnectionError(Reason.FLOW_CONTROL_ERROR, "a window has grown too large");
    }
    const grown = initial > this.#initial;
    this.#initial = initial;
    return grown;
  }

  /** What made the bound may have ended, or have been sent since. */
  #measure(streams: Iterable<Http2Stream>): void {
    this.#highest = 0;
    for (const { sendOffset } of streams) this.#highest = Math.max(this.#highest, sendOffset);
  }
}
