/**
 * Finds the frames in bytes that arrive in any pieces. Data passes through as it arrives; all
 * other frames are short, and passed on whole.
 *
 * @module
 */
import { ConnectionError, DEFAULT_FRAME, Flag, protocolError, Reason, Type } from "./codes.ts";

/** The first bytes of a client. */
export const PREFACE = Uint8Array.from(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  (char) => char.charCodeAt(0),
);

/** The header of a frame. */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Bytes of the whole payload, padding included. */
  readonly length: number;
}

/** Receives frames; whatever it throws ends the reading. Bytes are valid during the call only. */
export interface FrameHandler {
  /** A frame of any type begins. */
  begin(header: FrameHeader): void;
  /** A piece of the current DATA frame, without its padding. */
  data(header: FrameHeader, bytes: Uint8Array): void;
  /** A frame is complete; `payload` is empty for DATA and unknown types. */
  end(header: FrameHeader, payload: Uint8Array): void;
}

const EMPTY = new Uint8Array();
/** Payload length of the frame types that have a fixed one. */
const FIXED: Readonly<Record<number, number>> = {
  [Type.PRIORITY]: 5,
  [Type.RST_STREAM]: 4,
  [Type.PING]: 8,
  [Type.WINDOW_UPDATE]: 4,
};

/**
 * How many frames are read before other tasks run. A frame that opens a stream starts a call, and
 * counts as {@linkcode OPENING} frames.
 */
export const TURN = 2048;
const OPENING = 32;

/** Frame types that are buffered whole, so capped at the default frame size. */
const BUFFERED = new Set<number>([Type.SETTINGS, Type.GOAWAY, Type.PUSH_PROMISE]);

/** One direction of a connection. */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxFrame: number;
  /** The part of the preface that has not arrived. */
  #preface: Uint8Array;
  readonly #head = new Uint8Array(9);
  #headLength = 0;
  #work = 0;
  #frame: FrameHeader | undefined;
  /** Bytes of the frame's payload, or of its data, that have not arrived. */
  #left = 0;
  #padding = 0;
  #padded = false;
  /** The payload so far of a frame that arrives in pieces. */
  #payload: Uint8Array | undefined;

  /**
   * @param maxFrame the longest DATA frame that the peer may send
   * @param preface whether the peer is a client
   */
  constructor(
    handler: FrameHandler,
    { maxFrame, preface }: { maxFrame: number; preface: boolean },
  ) {
    this.#handler = handler;
    this.#maxFrame = maxFrame;
    this.#preface = preface ? PREFACE : EMPTY;
  }

  /** The work so far, in the unit of {@linkcode TURN}. */
  get work(): number {
    return this.#work;
  }

  /**
   * Reads frames, as many as a turn allows.
   *
   * @returns the number of bytes read; pass the rest again
   * @throws {ConnectionError} and whatever the handler throws
   */
  read(chunk: Uint8Array): number {
    let at = this.#preface.length > 0 ? this.#readPreface(chunk) : 0;
    for (const bound = this.#work + TURN; at < chunk.length && this.#work < bound;) {
      at = this.#frame ? this.#readPayload(chunk, at, this.#frame) : this.#readHead(chunk, at);
    }
    return at;
  }

  #readPreface(chunk: Uint8Array): number {
    const expected = this.#preface;
    const length = Math.min(chunk.length, expected.length);
    for (let at = 0; at < length; at++) {
      if (chunk[at] !== expected[at]) throw protocolError("the peer does not speak HTTP/2");
    }
    this.#preface = expected.subarray(length);
    return length;
  }

  #readHead(chunk: Uint8Array, at: number): number {
    let head = chunk;
    let start = at;
    let next = at + 9;
    if (this.#headLength > 0 || next > chunk.length) {
      next = Math.min(at + 9 - this.#headLength, chunk.length);
      this.#head.set(chunk.subarray(at, next), this.#headLength);
      this.#headLength += next - at;
      if (this.#headLength < 9) return next;
      this.#headLength = 0;
      head = this.#head;
      start = 0;
    }
    const length = head[start]! << 16 | head[start + 1]! << 8 | head[start + 2]!;
    const stream = (head[start + 5]! & 0x7f) << 24 | head[start + 6]! << 16 |
      head[start + 7]! << 8 | head[start + 8]!;
    this.#begin({ length, type: head[start + 3]!, flags: head[start + 4]!, stream });
    return next;
  }

  #begin(frame: FrameHeader): void {
    const { type, flags, length } = frame;
    const max = BUFFERED.has(type) ? DEFAULT_FRAME : this.#maxFrame;
    const fixed = FIXED[type];
    if (length > max || (fixed !== undefined && length !== fixed)) {
      throw new ConnectionError(
        Reason.FRAME_SIZE_ERROR,
        `a frame of type ${type} has ${length} bytes`,
      );
    }
    this.#padded = type === Type.DATA && (flags & Flag.PADDED) !== 0;
    if (this.#padded && length === 0) {
      throw new ConnectionError(Reason.FRAME_SIZE_ERROR, "padding without its length");
    }
    this.#work += type === Type.HEADERS ? OPENING : 1;
    this.#handler.begin(frame);
    this.#padding = 0;
    this.#left = length;
    this.#payload = undefined;
    if (length === 0) this.#handler.end(frame, EMPTY);
    else this.#frame = frame;
  }

  #readPayload(chunk: Uint8Array, at: number, frame: FrameHeader): number {
    if (frame.type === Type.DATA) return this.#readData(chunk, at, frame);
    const end = Math.min(at + this.#left, chunk.length);
    const part = chunk.subarray(at, end);
    this.#left -= part.length;
    if (frame.type > Type.CONTINUATION) {
      if (this.#left === 0) this.#finish(frame, EMPTY);
    } else if (part.length === frame.length) this.#finish(frame, part);
    else {
      this.#payload ??= new Uint8Array(frame.length);
      this.#payload.set(part, frame.length - this.#left - part.length);
      if (this.#left === 0) this.#finish(frame, this.#payload);
    }
    return end;
  }

  #readData(chunk: Uint8Array, at: number, frame: FrameHeader): number {
    if (this.#padded) {
      this.#padded = false;
      this.#padding = chunk[at]!;
      this.#left -= 1;
      if (this.#padding > this.#left) throw protocolError("more padding than frame");
      this.#left -= this.#padding;
      at += 1;
    }
    const end = Math.min(at + this.#left, chunk.length);
    if (end > at) this.#handler.data(frame, chunk.subarray(at, end));
    this.#left -= end - at;
    if (this.#left > 0) return end;
    const skipped = Math.min(this.#padding, chunk.length - end);
    this.#padding -= skipped;
    if (this.#padding === 0) this.#finish(frame, EMPTY);
    return end + skipped;
  }

  #finish(frame: FrameHeader, payload: Uint8Array): void {
    this.#frame = undefined;
    this.#handler.end(frame, payload);
  }
}
