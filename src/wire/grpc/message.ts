/** Messages of gRPC in the bytes of a stream. @module */

/** A message that may not be taken. */
export class MessageError extends Error {
  constructor(readonly kind: "compressed" | "too large", what: string) {
    super(what);
  }
}

/** The longest message that is taken; official peers send 4 MiB at most. */
export const MAX_MESSAGE = 64 * 1024 * 1024;

const EMPTY: Uint8Array = new Uint8Array();

/** Finds the messages in bytes that come in any pieces. */
export class MessageReader {
  /** Whether each message is a copy of its own; else it is valid during the call only. */
  readonly keeps: boolean;
  /** Where the next message is put together, if nobody keeps it. */
  #scratch = EMPTY;
  readonly #head = new Uint8Array(5);
  #headLength = 0;
  #message: Uint8Array | undefined;
  #filled = 0;

  constructor({ keep }: { keep: boolean }) {
    this.keeps = keep;
  }

  /** Whether the bytes so far end within a message. */
  get incomplete(): boolean {
    return this.#headLength > 0 || this.#message !== undefined;
  }

  /** @throws {MessageError} */
  read(bytes: Uint8Array, found: (message: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length;) {
      at = this.#message
        ? this.#readBody(bytes, at, this.#message, found)
        : this.#readHead(bytes, at, found);
    }
  }

  #readHead(bytes: Uint8Array, at: number, found: (message: Uint8Array) => void): number {
    while (this.#headLength < 5) {
      if (at === bytes.length) return at;
      this.#head[this.#headLength++] = bytes[at++]!;
    }
    this.#headLength = 0;
    const [flag, a, b, c, d] = this.#head as unknown as [number, number, number, number, number];
    const length = (a << 24 | b << 16 | c << 8 | d) >>> 0;
    if (flag !== 0) {
      throw new MessageError("compressed", "expected a plain message, found a compressed one");
    }
    if (length > MAX_MESSAGE) {
      throw new MessageError("too large", `expected at most ${MAX_MESSAGE} bytes, found ${length}`);
    }
    if (length === 0) found(EMPTY);
    else if (bytes.length - at >= length) {
      const end = at + length;
      found(this.keeps ? bytes.slice(at, end) : bytes.subarray(at, end));
      return end;
    } else {
      this.#message = this.#room(length);
      this.#filled = 0;
    }
    return at;
  }

  #room(length: number): Uint8Array {
    if (this.keeps) return new Uint8Array(length);
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length);
    return this.#scratch.subarray(0, length);
  }

  #readBody(
    bytes: Uint8Array,
    at: number,
    message: Uint8Array,
    found: (message: Uint8Array) => void,
  ): number {
    const end = Math.min(at + message.length - this.#filled, bytes.length);
    message.set(bytes.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled === message.length) {
      this.#message = undefined;
      found(message);
    }
    return end;
  }
}

/** What stands before a message of `length` bytes. */
export function messagePrefix(length: number, room = 0): Uint8Array<ArrayBuffer> {
  const prefix = new Uint8Array(5 + room);
  prefix[1] = length >>> 24;
  prefix[2] = length >>> 16;
  prefix[3] = length >>> 8;
  prefix[4] = length;
  return prefix;
}
