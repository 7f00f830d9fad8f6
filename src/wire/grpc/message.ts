/** gRPC messages in the bytes of a stream. @module */

/** A message that is refused. */
export class MessageError extends Error {
  constructor(readonly kind: "compressed" | "too large", what: string) {
    super(what);
  }
}

/** The default limit of official peers for a received message, in bytes; they expect ours to be equal. */
export const DEFAULT_MAX_MESSAGE = 4 * 1024 * 1024;

/** How messages are read. */
export interface MessageReaderOptions {
  /** Whether each message is a copy; otherwise it is valid during the callback only. @default true */
  readonly keep?: boolean;
  /** The longest message that is accepted, in bytes. @default 4 MiB */
  readonly max?: number;
}

/** Receives a message; returns whether to continue with the next one. */
type Found = (message: Uint8Array) => boolean;

const EMPTY: Uint8Array = new Uint8Array();
/** Bytes of the prefix of a message: a flag for compression, and the length. */
const PREFIX = 5;
/** The smallest buffer of an incomplete message, in bytes. */
const FIRST_ROOM = 4 * 1024;
/** A buffer is this many times as large as the bytes so far, so that most messages need only one. */
const AHEAD = 4;
/** Buffers that are larger than this are not reused, in bytes. */
const KEPT_ROOM = 128 * 1024;

/**
 * Finds the messages in bytes that arrive in any pieces. The buffer of an incomplete message takes
 * at most four times the bytes that have arrived, whatever length was announced.
 */
export class MessageReader {
  readonly #keeps: boolean;
  readonly #max: number;
  /** The bytes so far of a prefix that arrives in pieces. */
  #head = EMPTY;
  #headLength = 0;
  /** The length of the current message; 0 between messages. */
  #length = 0;
  #filled = 0;
  /** The buffer of the current message. */
  #room = EMPTY;
  #more = true;

  constructor({ keep = true, max = DEFAULT_MAX_MESSAGE }: MessageReaderOptions) {
    this.#keeps = keep;
    this.#max = max;
  }

  /** Whether the bytes so far end inside a message. */
  get incomplete(): boolean {
    return this.#headLength > 0 || this.#length > 0;
  }

  /** The memory of its buffer in bytes. */
  get held(): number {
    return this.#room.length;
  }

  /**
   * Reads bytes, and passes each message to `found` until that returns false.
   *
   * @returns the number of bytes read
   * @throws {MessageError}
   */
  read(bytes: Uint8Array, found: Found): number {
    let at = 0;
    this.#more = true;
    while (at < bytes.length && this.#more) {
      at = this.#length > 0 ? this.#readBody(bytes, at, found) : this.#readHead(bytes, at, found);
    }
    return at;
  }

  /** Drops an incomplete message. */
  drop(): void {
    this.#headLength = 0;
    this.#length = 0;
    // A message that was not copied may be in use right now.
    if (this.#keeps) free(this.#room);
    this.#room = EMPTY;
  }

  #readHead(bytes: Uint8Array, at: number, found: Found): number {
    if (this.#headLength === 0 && at + PREFIX <= bytes.length) {
      return this.#begin(bytes, at, bytes, at + PREFIX, found);
    }
    if (this.#head.length === 0) this.#head = new Uint8Array(PREFIX);
    while (this.#headLength < PREFIX) {
      if (at === bytes.length) return at;
      this.#head[this.#headLength++] = bytes[at++]!;
    }
    this.#headLength = 0;
    return this.#begin(this.#head, 0, bytes, at, found);
  }

  /** Begins the message at `at`; its prefix is at `start` of `head`. */
  #begin(head: Uint8Array, start: number, bytes: Uint8Array, at: number, found: Found): number {
    const length = (head[start + 1]! << 24 | head[start + 2]! << 16 | head[start + 3]! << 8 |
      head[start + 4]!) >>> 0;
    if (head[start] !== 0) {
      throw new MessageError("compressed", "expected a plain message, found a compressed one");
    }
    if (length > this.#max) {
      // The wording of gRPC core, which users search for.
      const what = `Received message larger than max (${length} vs. ${this.#max})`;
      throw new MessageError("too large", what);
    }
    const end = at + length;
    if (length === 0) this.#more = found(EMPTY);
    else if (end <= bytes.length) {
      this.#more = found(this.#keeps ? bytes.slice(at, end) : bytes.subarray(at, end));
      return end;
    }
    this.#length = length;
    this.#filled = 0;
    return at;
  }

  #readBody(bytes: Uint8Array, at: number, found: Found): number {
    const end = Math.min(at + this.#length - this.#filled, bytes.length);
    const filled = this.#filled + end - at;
    this.#reserve(filled);
    this.#room.set(bytes.subarray(at, end), this.#filled);
    this.#filled = filled;
    if (filled === this.#length) this.#finish(found);
    return end;
  }

  #reserve(needed: number): void {
    if (this.#room.length >= needed) return;
    const size = Math.min(this.#length, Math.max(AHEAD * needed, FIRST_ROOM));
    // Moves the bytes, and frees the old buffer at once.
    this.#room = this.#room.length === 0
      ? new Uint8Array(size)
      : new Uint8Array((this.#room.buffer as ArrayBuffer).transfer(size));
  }

  #finish(found: Found): void {
    const message = this.#room.subarray(0, this.#length);
    this.#length = 0;
    if (this.#keeps || message.length > KEPT_ROOM) this.#room = EMPTY;
    this.#more = found(message);
    if (!this.#keeps && message.length > KEPT_ROOM) free(message);
  }
}

/** Smaller buffers are left to the garbage collector, in bytes. */
const WORTH_FREEING = 128 * 1024;

/**
 * Frees the memory of a large message at once, instead of at the next garbage collection. The
 * message becomes empty.
 */
export function free({ buffer }: Uint8Array): void {
  if (buffer.byteLength >= WORTH_FREEING) (buffer as ArrayBuffer).transfer(0);
}

/** The prefix of a message of `length` bytes, in a buffer with `room` for more bytes. */
export function messagePrefix(length: number, room = 0): Uint8Array<ArrayBuffer> {
  const prefix = new Uint8Array(5 + room);
  prefix[1] = length >>> 24;
  prefix[2] = length >>> 16;
  prefix[3] = length >>> 8;
  prefix[4] = length;
  return prefix;
}
