/** The bytes to write to a connection, in one growing buffer. @module */
import { Type } from "./codes.ts";

/** An idle connection has no buffer. */
const EMPTY = new Uint8Array();
const INITIAL = 512;
/**
 * Buffers that are larger than this are not reused. What the sender collects before it waits fits:
 * for V8, each large buffer that is dropped is a reason to look for garbage.
 */
const KEPT = 400 * 1024;

/** Appends bytes and frames; {@linkcode take} hands out all of it. */
export class Output {
  #bytes = EMPTY;
  #spare: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;

  /** Bytes that wait to be written. */
  get length(): number {
    return this.#length;
  }

  /** Hands out the waiting bytes, until {@linkcode giveBack} returns their buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#spare ?? EMPTY;
    this.#spare = undefined;
    this.#length = 0;
    return taken;
  }

  /** Takes back the buffer of {@linkcode take} for reuse. */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength > 0 && buffer.byteLength <= KEPT) this.#spare = new Uint8Array(buffer);
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Appends the low 32 bits, most significant first. */
  uint32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    bytes[this.#length++] = value >>> 24;
    bytes[this.#length++] = value >>> 16;
    bytes[this.#length++] = value >>> 8;
    bytes[this.#length++] = value;
  }

  /** Appends text, one byte a character. */
  latin1(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#bytes[this.#length++] = text.charCodeAt(at);
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends the header of a frame whose payload follows. */
  frame(type: number, flags: number, stream: number, length: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    bytes[this.#length++] = length >>> 16;
    bytes[this.#length++] = length >>> 8;
    bytes[this.#length++] = length;
    bytes[this.#length++] = type;
    bytes[this.#length++] = flags;
    this.uint32(stream);
  }

  /** Ends the frame whose header is at `start`: its payload is everything after it. */
  closeFrame(start: number): void {
    const length = this.#length - start - 9;
    this.#bytes[start] = length >>> 16;
    this.#bytes[start + 1] = length >>> 8;
    this.#bytes[start + 2] = length;
  }

  /**
   * Splits the HEADERS frame at `start`, which is longer than `max`, into a HEADERS frame of that
   * length and CONTINUATION frames.
   */
  splitHeaders(start: number, max: number, endHeaders: number): void {
    const block = this.#bytes.slice(start + 9, this.#length);
    const [type, flags] = [this.#bytes[start + 3]!, this.#bytes[start + 4]!];
    const stream = new DataView(this.#bytes.buffer).getUint32(start + 5);
    this.#length = start;
    for (let at = 0; at < block.length; at += max) {
      const part = block.subarray(at, at + max);
      const last = at + max >= block.length ? endHeaders : 0;
      if (at === 0) this.frame(type, flags & ~endHeaders | last, stream, part.length);
      else this.frame(Type.CONTINUATION, last, stream, part.length);
      this.append(part);
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const doubled = 2 * this.#bytes.length;
    const size = this.#bytes.length < KEPT ? Math.min(doubled, KEPT) : doubled;
    const grown = new Uint8Array(Math.max(needed, INITIAL, size));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
