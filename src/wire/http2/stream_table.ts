/** The streams of a connection, and which numbers were used. @module */
import { MAX_WINDOW, protocolError } from "./codes.ts";
import { ClosedStreams } from "./closed_streams.ts";
import type { Http2Stream } from "./stream.ts";

/**
 * Streams that a client may have open. It is not told: official clients count a stream
 * whose last message they have not read as open for as long as they live, and would
 * wait for ever where others are merely refused.
 */
const MAX_STREAMS = 1024;

/** Open streams by number. Clients open odd ones, servers none. */
export class StreamTable {
  readonly #streams = new Map<number, Http2Stream>();
  readonly #closed = new ClosedStreams();
  /** The number of the next stream that can be opened; all below were. */
  #next = 1;
  /** How many a server lets us open. */
  limit = MAX_STREAMS;

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Whether another one may be opened. */
  get hasRoom(): boolean {
    return this.size < this.limit && this.#next < MAX_WINDOW;
  }

  /** The last number that was used, 0 where none was. */
  get last(): number {
    return Math.max(0, this.#next - 2);
  }

  /** All of them, as they are now. */
  all(): Http2Stream[] {
    return [...this.#streams.values()];
  }

  /** All of them, while none is added or removed. */
  values(): Iterable<Http2Stream> {
    return this.#streams.values();
  }

  /** Uses the next number. */
  claim(): number {
    const id = this.#next;
    this.#next += 2;
    return id;
  }

  /** Whether `id` is of a stream that a client opens only now. */
  isNew(id: number): boolean {
    return id >= this.#next;
  }

  /** Uses a number that the client has chosen. @throws {ConnectionError} where it may not */
  accept(id: number): void {
    if (id % 2 === 0) throw protocolError("a client opens streams with odd numbers");
    if (id > this.#next) this.#closed.skip(this.#next, id - 2);
    this.#next = id + 2;
  }

  /** Adds an open stream. */
  add(stream: Http2Stream): void {
    this.#streams.set(stream.id, stream);
  }

  /** Removes one that is over. */
  remove(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
  }

  /** We have reset stream `id`, on which more may be under way. */
  abandoned(id: number): void {
    this.#closed.abandoned(id);
  }

  /** The stream, where it is open. */
  get(id: number): Http2Stream | undefined {
    return this.#streams.get(id);
  }

  /** The same, for a frame that may come on an open stream only. @throws {ConnectionError} */
  open(id: number): Http2Stream | undefined {
    const stream = this.known(id);
    if (!stream) this.#closed.check(id);
    return stream;
  }

  /** The same. @throws {ConnectionError} where there never was one */
  known(id: number): Http2Stream | undefined {
    const stream = this.#streams.get(id);
    if (!stream && (id % 2 === 0 || this.isNew(id))) {
      throw protocolError(`stream ${id} is not open`);
    }
    return stream;
  }
}
