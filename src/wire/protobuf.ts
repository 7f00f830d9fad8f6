/** Reads the wire format of protobuf, with limits and without copies. @module */
import { latin1 } from "./http2/latin1.ts";

/** The deepest nesting of messages that official peers accept. */
const MAX_DEPTH = 100;

/** The wire types of fields. */
export const WireType = {
  VARINT: 0,
  BIT64: 1,
  LENGTH: 2,
  GROUP: 3,
  END_GROUP: 4,
  BIT32: 5,
} as const;

/** The tag of a field: its number and its wire type. */
export function tagOf(field: number, type: number): number {
  return field << 3 | type;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Texts up to this length are decoded faster by hand, when they are ASCII: uuids and names of methods. */
const SHORT = 64;

/** Reads the fields of messages one after the other. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #view: DataView | undefined;
  #at = 0;
  #end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** The tag of the next field; 0 at the end of the message. @throws {RangeError} */
  tag(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.varint();
    if (tag < 8) throw new RangeError("a field has no number");
    return tag;
  }

  /** The low 32 bits of a number. @throws {RangeError} */
  varint(): number {
    for (let value = 0, shift = 0; shift < 70 && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++]!;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a number is cut off");
  }

  /** Whether a number is not 0. @throws {RangeError} */
  bool(): boolean {
    const start = this.#at;
    this.varint();
    for (let at = start; at < this.#at; at++) if (this.#bytes[at]! & 0x7f) return true;
    return false;
  }

  /** @throws {RangeError} */
  double(): number {
    const { buffer, byteOffset, length } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, length);
    return this.#view.getFloat64(this.#skip(8), true);
  }

  /** Text. @throws {RangeError} */
  string(): string {
    const length = this.varint();
    const start = this.#skip(length);
    return length <= SHORT ? this.#short(start) : this.#decode(start);
  }

  /** The number of bytes read. */
  get position(): number {
    return this.#at;
  }

  /** Reads a nested message. @throws {RangeError} */
  message<Read>(read: (reader: this) => Read): Read {
    if (this.#depth === MAX_DEPTH) throw new TooDeep();
    const length = this.varint();
    const outer = this.#end;
    const end = this.#at + length;
    if (end > outer) throw new RangeError("a field is cut off");
    this.#depth += 1;
    this.#end = end;
    const result = read(this);
    this.#depth -= 1;
    this.#end = outer;
    return result;
  }

  /** Skips a field. @throws {RangeError} */
  pass(tag: number): void {
    let groups = 0;
    for (let next = tag;; next = this.tag()) {
      if (next === 0) throw new RangeError("a group is cut off");
      groups += this.#passOne(next & 7);
      if (groups < 0) throw new RangeError("a group ends that did not begin");
      if (this.#depth + groups > MAX_DEPTH) throw new TooDeep();
      if (groups === 0) return;
    }
  }

  /** Skips one field. @returns 1 when a group begins, -1 when one ends, else 0 */
  #passOne(type: number): number {
    if (type === WireType.GROUP) return 1;
    if (type === WireType.END_GROUP) return -1;
    if (type === WireType.VARINT) this.varint();
    else if (type === WireType.BIT64) this.#skip(8);
    else if (type === WireType.LENGTH) this.#skip(this.varint());
    else if (type === WireType.BIT32) this.#skip(4);
    else throw new RangeError(`a field of type ${type} is unknown`);
    return 0;
  }

  #skip(length: number): number {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new RangeError("a field is cut off");
    return start;
  }

  #short(start: number): string {
    for (let at = start; at < this.#at; at++) {
      if (this.#bytes[at]! >= 0x80) return this.#decode(start);
    }
    return latin1(this.#bytes, start, this.#at);
  }

  #decode(start: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new RangeError("a text is not UTF-8");
    }
  }
}

class TooDeep extends RangeError {
  constructor() {
    super(`expected messages nested at most ${MAX_DEPTH} deep, found more`);
  }
}

/** Reads a message and ignores its fields. @throws {RangeError} when it is not protobuf */
export function readNothing(bytes: Uint8Array): Record<never, never> {
  const reader = new WireReader(bytes);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) reader.pass(tag);
  return {};
}
