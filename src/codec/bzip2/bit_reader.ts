/** Bits of bytes that come in pieces, the highest of a byte first. @module */

/** Reads what was fed to it. */
export class BitReader {
  #bytes = new Uint8Array(1 << 20);
  #start = 0;
  #end = 0;
  /** Bits taken from `#bytes` and not yet read: the lowest `#count`. */
  #bits = 0;
  #count = 0;

  /** Whole bytes that can be read. */
  get length(): number {
    return this.#end - this.#start + (this.#count >> 3);
  }

  /** Adds what comes next. */
  feed(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next `count` bits, at most 24. @throws {Error} where there are no more. */
  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    if (this.#count < 0) throw new Error("unexpected end of the data");
    return value;
  }

  /** The next `count` bits, at most 24, without reading them; zeros behind the end. */
  peek(count: number): number {
    while (this.#count < count) {
      if (this.#start === this.#end) return (this.#bits << (count - this.#count)) & mask(count);
      this.#bits = (this.#bits << 8) | this.#bytes[this.#start++]!;
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - count)) & mask(count);
  }

  /** Passes over bits that were peeked at; too many are noticed by the next `read`. */
  skip(count: number): void {
    this.#count -= count;
  }

  /** Passes over what is left of a byte that was begun. */
  align(): void {
    this.#count -= this.#count & 7;
  }

  /** Forgets what was fed. */
  clear(): void {
    this.#start =
      this.#end =
      this.#bits =
      this.#count =
        0;
  }

  #makeRoom(length: number): void {
    const rest = this.#bytes.subarray(this.#start, this.#end);
    const size = Math.max(this.#bytes.length, 2 * (rest.length + length));
    const bytes = size > this.#bytes.length ? new Uint8Array(size) : this.#bytes;
    bytes.set(rest);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = rest.length;
  }
}

function mask(count: number): number {
  return (1 << count) - 1;
}
