/** What may still come on streams that are over (RFC 9113 §5.1, §5.1.1). @module */
import { ConnectionError, Reason } from "./codes.ts";

/** How many are told apart; on all that were closed before, anything may come and is ignored. */
const MAX_REMEMBERED = 1024;

/**
 * Streams that we have reset: what the peer had sent by then is no mistake. On those that
 * it has ended itself, or left out, it may send nothing.
 */
export class ClosedStreams {
  readonly #abandoned = new Set<number>();
  /** Numbers that the client left out: first and last, at most as many as are remembered. */
  readonly #skipped: (readonly [from: number, to: number])[] = [];
  /** Up to this number nothing is known any more. */
  #forgotten = 0;

  /** We have reset stream `id`. */
  abandoned(id: number): void {
    this.#abandoned.add(id);
    if (this.#abandoned.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#abandoned;
    this.#abandoned.delete(oldest!);
    this.#forgotten = Math.max(this.#forgotten, oldest!);
  }

  /** The client has left out the numbers from `from` to `to`. */
  skip(from: number, to: number): void {
    this.#skipped.push([from, to]);
    if (this.#skipped.length > MAX_REMEMBERED) this.#skipped.shift();
  }

  /** DATA or HEADERS came on stream `id`, which is over. @throws {ConnectionError} where it may not */
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
