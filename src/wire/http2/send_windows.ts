/** How many bytes the peer accepts on each stream (RFC 9113 §6.9). @module */
import { ConnectionError, DEFAULT_WINDOW, MAX_WINDOW, Reason } from "./codes.ts";
import type { Http2Stream } from "./stream.ts";

/**
 * The windows of the streams, kept as offsets from the initial window of the peer's SETTINGS. A
 * change of the initial window is one addition, however many streams are open.
 */
export class SendWindows {
  #initial = DEFAULT_WINDOW;
  /** An upper bound of all offsets. */
  #highest = 0;

  /** Bytes that `stream` may send; negative when the initial window has shrunk. */
  of(stream: Http2Stream): number {
    return this.#initial + stream.sendOffset;
  }

  /** Counts `bytes` that `stream` has sent. */
  spend(stream: Http2Stream, bytes: number): void {
    stream.sendOffset -= bytes;
  }

  /** Lets `stream` send `bytes` more. @returns false when its window is larger than allowed */
  grow(stream: Http2Stream, bytes: number): boolean {
    stream.sendOffset += bytes;
    this.#highest = Math.max(this.#highest, stream.sendOffset);
    return this.of(stream) <= MAX_WINDOW;
  }

  /**
   * Changes the initial window.
   *
   * @returns whether the windows have grown
   * @throws {ConnectionError} FLOW_CONTROL_ERROR when a window is larger than allowed
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

  /** Computes the bound anew: the streams that raised it may have ended, or have sent data. */
  #measure(streams: Iterable<Http2Stream>): void {
    this.#highest = 0;
    for (const { sendOffset } of streams) this.#highest = Math.max(this.#highest, sendOffset);
  }
}
