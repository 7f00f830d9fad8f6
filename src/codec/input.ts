/** A parser's view of bytes in chunks of any size: looks ahead, and passes over. @module */
import { concat } from "../base/bytes.ts";

/** Reads chunks, and keeps those bytes that were passed over and not yet taken. */
export class Input {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  /** Index in `#chunk`: the bytes before were taken. */
  #taken = 0;
  /** Index in `#chunk`: the bytes before were passed over. */
  #at = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  /** Number of bytes that have been read and not passed over. */
  get length(): number {
    return this.#chunk.length - this.#at;
  }

  /** Number of bytes that `take` would return. */
  get passed(): number {
    return this.#at - this.#taken;
  }

  /** Returns the next `count` bytes without passing over them; fewer at the end of the data. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.length < count && await this.#more());
    return this.#chunk.subarray(this.#at, this.#at + count);
  }

  /** As `peek`. @throws {Error} if the data end before. */
  async expect(count: number): Promise<Uint8Array> {
    const found = await this.peek(count);
    if (found.length < count) throw new Error("unexpected end of the data");
    return found;
  }

  /** Returns what has been read and not passed over; empty only at the end of the data. */
  async some(most = Infinity): Promise<Uint8Array> {
    await this.peek(1);
    return this.#chunk.subarray(this.#at, this.#at + most);
  }

  /** Passes over `count` bytes that have been read; returns `count`. */
  pass(count: number): number {
    this.#at += count;
    return count;
  }

  /** Returns what was passed over since the last call. */
  take(): Uint8Array {
    const taken = this.#chunk.subarray(this.#taken, this.#at);
    this.#taken = this.#at;
    return taken;
  }

  /** Reads to the end and discards everything; returns the number of bytes not passed over. */
  async drain(): Promise<number> {
    let count = this.length;
    for (;;) {
      const { done, value } = await this.#bytes.next();
      if (done) return count;
      count += value.length;
    }
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#bytes.return?.();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#bytes.next();
    if (done) return false;
    const kept = this.#chunk.subarray(this.#taken);
    this.#chunk = kept.length > 0 ? concat([kept, value]) : value;
    this.#at -= this.#taken;
    this.#taken = 0;
    return true;
  }
}
