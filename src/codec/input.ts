/** Bytes that come in chunks cut anywhere, for those who look at some and pass over others. @module */
import { concat } from "../base/bytes.ts";

/** Reads chunks; what was passed over and not yet taken is kept. */
export class Input {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  /** Of `#chunk`: what is before it was taken. */
  #taken = 0;
  /** Of `#chunk`: what is before it was passed over. */
  #at = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  /** Bytes that are here and were not passed over. */
  get length(): number {
    return this.#chunk.length - this.#at;
  }

  /** Bytes that `take` would give. */
  get passed(): number {
    return this.#at - this.#taken;
  }

  /** The next `count` bytes without passing over them; fewer where the data end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.length < count && await this.#more());
    return this.#chunk.subarray(this.#at, this.#at + count);
  }

  /** The same. @throws {Error} where the data end before. */
  async expect(count: number): Promise<Uint8Array> {
    const found = await this.peek(count);
    if (found.length < count) throw new Error("unexpected end of the data");
    return found;
  }

  /** Passes over `count` bytes of those that are here; returns their number. */
  pass(count: number): number {
    this.#at += count;
    return count;
  }

  /** What was passed over since the last time. */
  take(): Uint8Array {
    const taken = this.#chunk.subarray(this.#taken, this.#at);
    this.#taken = this.#at;
    return taken;
  }

  /** Reads to the end, and keeps nothing. */
  async drain(): Promise<void> {
    while (!(await this.#bytes.next()).done);
  }

  /** Reads no further. */
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
