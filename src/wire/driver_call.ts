/**
 * Decodes requests to call a driver: DriverCallRequest and StreamingDriverCallRequest have one
 * encoding. Generated code needs several times the memory of its result while it decodes, so that
 * a request of a few MB could fill the heap.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { tagOf, WireReader, WireType } from "./protobuf.ts";
import type { Value } from "./value.ts";

/** A request to call a driver. */
export interface DriverCall {
  readonly uuid: string;
  readonly method: string;
  readonly args: Value[];
  /** Roughly its memory in bytes. */
  readonly weight: number;
}

/**
 * The most memory of the arguments of one call, in bytes. A request of 4 MiB of text, of numbers or
 * of records stays below; one of empty structs only does not.
 */
const MAX_WEIGHT = 48 * 1024 * 1024;

/** The most arguments of one call; no method takes as many. */
const MAX_ARGS = 1024;

/** The most different keys of one call: each is expensive for V8, and 200,000 take a second. */
const MAX_KEYS = 32 * 1024;

/** The memory of values in V8, rounded up: a slot of a list, and the value itself. */
const SLOT = 16;
const NUMBER = 16;
const TEXT = 24;
const LIST = 64;
const STRUCT = 128;
const KEY = 96;

const UUID = tagOf(1, WireType.LENGTH);
const METHOD = tagOf(2, WireType.LENGTH);
const ARG = tagOf(3, WireType.LENGTH);

const Kind = {
  NULL: tagOf(1, WireType.VARINT),
  NUMBER: tagOf(2, WireType.BIT64),
  TEXT: tagOf(3, WireType.LENGTH),
  BOOL: tagOf(4, WireType.VARINT),
  STRUCT: tagOf(5, WireType.LENGTH),
  LIST: tagOf(6, WireType.LENGTH),
} as const;

/** An entry of a struct, and a value of a list. */
const ITEM = tagOf(1, WireType.LENGTH);
const ENTRY_KEY = tagOf(1, WireType.LENGTH);
const ENTRY_VALUE = tagOf(2, WireType.LENGTH);

/** Reads a request. @throws {RangeError} when it is not protobuf, or takes too much memory */
export function readDriverCall(bytes: Uint8Array): DriverCall {
  return new CallReader(bytes).read();
}

/**
 * The uuid of the driver that a request calls; undefined if it names none, or is
 * not protobuf.
 */
export function uuidOfCall(bytes: Uint8Array): string | undefined {
  const reader = new WireReader(bytes);
  let uuid: string | undefined;
  try {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === UUID) uuid = reader.string();
      else reader.pass(tag);
    }
  } catch {
    return undefined;
  }
  return uuid;
}

/** The same request for another driver: of a field that is there twice, the last one counts. */
export function withUuid(request: Uint8Array, uuid: string): Uint8Array {
  const value = new TextEncoder().encode(uuid);
  return concat([request, Uint8Array.of(UUID, value.length), value]);
}

class CallReader extends WireReader {
  #weight = 0;
  #keys: Set<string> | undefined;

  read(): DriverCall {
    let uuid = "";
    let method = "";
    const args: Value[] = [];
    for (let tag = this.tag(); tag !== 0; tag = this.tag()) {
      if (tag === UUID) uuid = this.#text();
      else if (tag === METHOD) method = this.#text();
      else if (tag === ARG) this.#add(args, this.message(readValue));
      else this.pass(tag);
    }
    return { uuid, method, args, weight: this.#weight };
  }

  #add(args: Value[], arg: Value): void {
    if (args.push(arg) > MAX_ARGS) throw new RangeError(`more than ${MAX_ARGS} arguments`);
  }

  /** A value: null when none is set, the last one when several are. */
  value(): Value {
    this.#weigh(SLOT);
    let value: Value = null;
    for (let tag = this.tag(); tag !== 0; tag = this.tag()) {
      if (tag === Kind.TEXT) value = this.#text();
      else if (tag === Kind.NUMBER) value = this.#number();
      else if (tag === Kind.BOOL) value = this.bool();
      else if (tag === Kind.STRUCT) value = this.message(readStruct);
      else if (tag === Kind.LIST) value = this.message(readList);
      else {
        this.pass(tag);
        if (tag === Kind.NULL) value = null;
      }
    }
    return value;
  }

  list(): Value[] {
    this.#weigh(LIST);
    const list: Value[] = [];
    for (let tag = this.tag(); tag !== 0; tag = this.tag()) {
      if (tag === ITEM) list.push(this.message(readValue));
      else this.pass(tag);
    }
    return list;
  }

  struct(): Record<string, Value> {
    this.#weigh(STRUCT);
    const struct: Record<string, Value> = {};
    for (let tag = this.tag(); tag !== 0; tag = this.tag()) {
      if (tag !== ITEM) this.pass(tag);
      else {
        const [key, value] = this.message(readEntry);
        setOwn(struct, key, value);
      }
    }
    return struct;
  }

  entry(): [string, Value] {
    this.#weigh(KEY);
    let key = "";
    let value: Value = null;
    for (let tag = this.tag(); tag !== 0; tag = this.tag()) {
      if (tag === ENTRY_KEY) key = this.#key();
      else if (tag === ENTRY_VALUE) value = this.message(readValue);
      else this.pass(tag);
    }
    return [key, value];
  }

  #number(): number {
    this.#weigh(NUMBER);
    return this.double();
  }

  #text(): string {
    const start = this.position;
    const text = this.string();
    this.#weigh(TEXT + this.position - start);
    return text;
  }

  #key(): string {
    const key = this.#text();
    this.#keys ??= new Set();
    if (this.#keys.add(key).size > MAX_KEYS) {
      throw new RangeError(`the arguments have more than ${MAX_KEYS} different keys`);
    }
    return key;
  }

  #weigh(bytes: number): void {
    this.#weight += bytes;
    if (this.#weight > MAX_WEIGHT) {
      const most = MAX_WEIGHT / 1024 / 1024;
      throw new RangeError(
        `the arguments have too many values: they take over ${most} MiB of memory`,
      );
    }
  }
}

const readValue = (reader: CallReader): Value => reader.value();
const readList = (reader: CallReader): Value[] => reader.list();
const readStruct = (reader: CallReader): Record<string, Value> => reader.struct();
const readEntry = (reader: CallReader): [string, Value] => reader.entry();

/** Sets a property of its own, also where objects inherit a setter of that name. */
function setOwn(struct: Record<string, Value>, key: string, value: Value): void {
  if (key !== "__proto__") struct[key] = value;
  else {
    const own = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(struct, key, own);
  }
}
