/** The streams of a connection, and the numbers that were used. @module */
import { MAX_WINDOW, protocolError } from "./codes.ts";
import { ClosedStreams } from "./closed_streams.ts";
import type { Http2Stream } from "./stream.ts";

/**
 * The most streams that a client may have open; further ones are refused. SETTINGS do not announce
 * it: official clients count a stream as open until they have read its last message, which they
 * may never do, and would then wait for ever instead of being refused.
 */
const MAX_STREAMS = 1024;

/** Open streams by number. Clients open those with odd numbers, servers none. */
export class StreamTable {
  readonly #streams = new Map<number, Http2Stream>();
  readonly #closed = new ClosedStreams();
  /** The number of the next stream; all lower ones are used. */
  #next = 1;
  /** How many streams a server lets us open. */
  limit = MAX_STREAMS;

  /** The number of open streams. */
  get size(): number {
    return this.#streams.size;
  }

  /** Whether another stream may be opened. */
  get hasRoom(): boolean {
    return this.size < this.limit && this.#next < MAX_WINDOW;
  }

  /** The last number that was used; 0 for none. */
  get last(): number {
    return Math.max(0, this.#next - 2);
  }

  /** A snapshot of the open streams. */
  all(): Http2Stream[] {
    return [...this.#streams.values()];
  }

  /** The open streams; none may be added or removed during the iteration. */
  values(): Iterable<Http2Stream> {
    return this.#streams.values();
  }

  /** Uses the next number for a stream of ours. */
  claim(): number {
    const id = this.#next;
    this.#next += 2;
    return id;
  }

  /** Whether stream `id` was never opened. */
  isNew(id: number): boolean {
    return id >= this.#next;
  }

  /** Uses the number that the client has chosen for a new stream. @throws {ConnectionError} when it is even */
  accept(id: number): void {
    if (id % 2 === 0) throw protocolError("a client opens streams with odd numbers");
    if (id > this.#next) this.#closed.skip(this.#next, id - 2);
    this.#next = id + 2;
  }

  /** Adds an open stream. */
  add(stream: Http2Stream): void {
    this.#streams.set(stream.id, stream);
  }

  /** Removes a closed stream. */
  remove(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
  }

  /** Remembers that we have reset stream `id`: frames on it may still arrive. */
  abandoned(id: number): void {
    this.#closed.abandoned(id);
  }

  /** The stream, or undefined when it is not open. */
  get(id: number): Http2Stream | undefined {
    return this.#streams.get(id);
  }

  /** The stream of a frame that is allowed on open streams only. @throws {ConnectionError} */
  open(id: number): Http2Stream | undefined {
    const stream = this.known(id);
    if (!stream) this.#closed.check(id);
    return stream;
  }

  /** The stream of any other frame. @throws {ConnectionError} when it was never opened */
  known(id: number): Http2Stream | undefined {
    const stream = this.#streams.get(id);
    if (!stream && (id % 2 === 0 || this.isNew(id))) {
      throw protocolError(`stream ${id} is not open`);
    }
    return stream;
  }
}
