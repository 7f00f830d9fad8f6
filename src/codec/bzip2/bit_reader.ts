/** Reads bits from bytes in pieces, the highest bit of a byte first. @module */

/** Reads bits of the bytes that were fed. */
export class BitReader {
  #bytes = new Uint8Array(1 << 20);
  #start = 0;
  #end = 0;
  /** The next bits, already taken from `#bytes`: the lowest `#count`. */
  #bits = 0;
  #count = 0;

  /** Whole bytes that can be read. */
  get length(): number {
    return this.#end - this.#start + (this.#count >> 3);
  }

  /** Appends bytes. */
  feed(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Reads the next `count` bits, at most 24. @throws {Error} if there are fewer. */
  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    if (this.#count < 0) throw new Error("unexpected end of the data");
    return value;
  }

  /** Returns the next `count` bits, at most 24, without reading them; zeros after the end. */
  peek(count: number): number {
    while (this.#count < count) {
      if (this.#start === this.#end) return (this.#bits << (count - this.#count)) & mask(count);
      this.#bits = (this.#bits << 8) | this.#bytes[this.#start++]!;
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - count)) & mask(count);
  }

  /** Skips bits that were peeked at; the next `read` notices if they were too many. */
  skip(count: number): void {
    this.#count -= count;
  }

  /** Skips the rest of the present byte. */
  align(): void {
    this.#count -= this.#count & 7;
  }

  /** Discards what was fed. */
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
