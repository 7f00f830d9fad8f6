/** Messages of gRPC in the bytes of a stream. @module */

/** A message that may not be taken. */
export class MessageError extends Error {
  constructor(readonly kind: "compressed" | "too large", what: string) {
    super(what);
  }
}

/** The longest message that official peers take, and so the longest that they expect to be taken. */
export const DEFAULT_MAX_MESSAGE = 4 * 1024 * 1024;

/** How messages are read. */
export interface MessageReaderOptions {
  /** Whether each message is a copy of its own; else it is valid during the call only. @default true */
  readonly keep?: boolean;
  /** The longest that is taken, in bytes. @default 4 MiB */
  readonly max?: number;
}

/** Is given a message; whether more are wanted. */
type Found = (message: Uint8Array) => boolean;

const EMPTY: Uint8Array = new Uint8Array();
/** Bytes before each message: whether it is compressed, and its length. */
const PREFIX = 5;
/** Room for the beginning of a message. */
const FIRST_ROOM = 4 * 1024;
/** Room that is taken as bytes come, for as many times as much: most messages need it once. */
const AHEAD = 4;
/** Room beyond this is not kept for the messages to come. */
const KEPT_ROOM = 128 * 1024;

/**
 * Finds the messages in bytes that come in any pieces. What it keeps of an unfinished one
 * takes at most four times what has come of it, whatever length was announced.
 */
export class MessageReader {
  readonly #keeps: boolean;
  readonly #max: number;
  /** What has come of a prefix that comes in pieces. */
  #head = EMPTY;
  #headLength = 0;
  /** Bytes that the message under way has in all; 0 where there is none. */
  #length = 0;
  #filled = 0;
  /** Where the message is put together. */
  #room = EMPTY;
  #more = true;

  constructor({ keep = true, max = DEFAULT_MAX_MESSAGE }: MessageReaderOptions) {
    this.#keeps = keep;
    this.#max = max;
  }

  /** Whether the bytes so far end within a message. */
  get incomplete(): boolean {
    return this.#headLength > 0 || this.#length > 0;
  }

  /** Bytes of memory that it takes. */
  get held(): number {
    return this.#room.length;
  }

  /**
   * Reads on. `found` is given each message, and says whether it wants more.
   *
   * @returns how many of `bytes` were read
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

  /** Forgets what has come of an unfinished message. */
  drop(): void {
    this.#headLength = 0;
    this.#length = 0;
    // A message that is valid during a call only may be in use right now.
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

  /** A message begins at `at`, whose prefix is at `start` of `head`. */
  #begin(head: Uint8Array, start: number, bytes: Uint8Array, at: number, found: Found): number {
    const length = (head[start + 1]! << 24 | head[start + 2]! << 16 | head[start + 3]! << 8 |
      head[start + 4]!) >>> 0;
    if (head[start] !== 0) {
      throw new MessageError("compressed", "expected a plain message, found a compressed one");
    }
    if (length > this.#max) {
      // As gRPC core words it, which people search for.
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
    // Moves what is there; the old room is given back at once.
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

/** Below this the garbage collector is fast enough, and the C library keeps what is freed. */
const WORTH_FREEING = 128 * 1024;

/**
 * Gives the memory of a message back at once, where it is worth it. Nobody may use it
 * afterwards: it becomes empty.
 */
export function free({ buffer }: Uint8Array): void {
  if (buffer.byteLength >= WORTH_FREEING) (buffer as ArrayBuffer).transfer(0);
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
