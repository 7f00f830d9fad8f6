/** Which frames may still arrive on closed streams (RFC 9113 §5.1, §5.1.1). @module */
import { ConnectionError, Reason } from "./codes.ts";

/** How many streams are remembered; frames on streams that were closed earlier are ignored. */
const MAX_REMEMBERED = 1024;

/**
 * Remembers the streams that we have reset: frames that the peer sent before it knew are no
 * violation. Frames on streams that the peer has ended or skipped are one.
 */
export class ClosedStreams {
  readonly #abandoned = new Set<number>();
  /** Ranges of numbers that the client skipped; the oldest are forgotten. */
  readonly #skipped: (readonly [from: number, to: number])[] = [];
  /** Streams up to this number are forgotten. */
  #forgotten = 0;

  /** Remembers that we have reset stream `id`. */
  abandoned(id: number): void {
    this.#abandoned.add(id);
    if (this.#abandoned.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#abandoned;
    this.#abandoned.delete(oldest!);
    this.#forgotten = Math.max(this.#forgotten, oldest!);
  }

  /** Remembers that the client skipped the numbers from `from` to `to`. */
  skip(from: number, to: number): void {
    this.#skipped.push([from, to]);
    if (this.#skipped.length > MAX_REMEMBERED) this.#skipped.shift();
  }

  /** Checks DATA or HEADERS on stream `id`, which is closed. @throws {ConnectionError} for a violation */
  check(id: number): void {
    if (id <= this.#forgotten || this.#abandoned.has(id)) return;
    if (this.#skipped.some(([from, to]) => from <= id && id <= to)) {
      throw new ConnectionError(
        Reason.PROTOCOL_ERROR,
        `stream ${id} has a number below one that was used`,
      );
    }
    throw new ConnectionError(Reason.STREAM_CLOSED, `a frame on stream ${id}, which is over`);
  }
}
