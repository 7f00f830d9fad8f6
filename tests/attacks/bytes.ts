/** Builds messages and frames byte by byte, also malformed ones. @module */
import { concat } from "../../src/base/bytes.ts";
import { Type } from "../../src/wire/http2/codes.ts";

const encoder = new TextEncoder();

/** Joins arrays. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(parts);
}

/** Repeats `bytes` `count` times. */
export function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(bytes.length * count);
  for (let at = 0; at < whole.length; at += bytes.length) whole.set(bytes, at);
  return whole;
}

/** An HTTP/2 frame. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const head = new Uint8Array(9);
  const view = new DataView(head.buffer);
  view.setUint32(0, payload.length << 8 | type);
  head[4] = flags;
  view.setUint32(5, stream);
  return join(head, payload);
}

/** A SETTINGS frame with pairs of an identifier and a value. */
export function settings(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const payload = new Uint8Array(pairs.length * 6);
  const view = new DataView(payload.buffer);
  pairs.forEach(([id, value], index) => {
    view.setUint16(index * 6, id);
    view.setUint32(index * 6 + 2, value);
  });
  return frame(Type.SETTINGS, 0, 0, payload);
}

/** A header block of literals without indexing (RFC 7541 §6.2.2). */
export function headerBlock(fields: readonly (readonly [string, string])[]): Uint8Array {
  const text = (value: string) => {
    const bytes = encoder.encode(value);
    return join(hpackInteger(bytes.length, 7), bytes);
  };
  return join(...fields.flatMap(([name, value]) => [Uint8Array.of(0), text(name), text(value)]));
}

function hpackInteger(value: number, prefix: number): Uint8Array {
  const most = 2 ** prefix - 1;
  if (value < most) return Uint8Array.of(value);
  const bytes = [most];
  let rest = value - most;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(rest % 128 | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The five bytes that announce a message of `length`. */
export function announce(length: number, compressed = 0): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = compressed;
  new DataView(head.buffer).setUint32(1, length);
  return head;
}

/** A gRPC message. */
export function message(body: Uint8Array): Uint8Array {
  return join(announce(body.length), body);
}

function varint(value: number): number[] {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(rest % 128 | 128);
  return [...bytes, rest];
}

/** A length-delimited protobuf field: bytes, a text or a message. */
export function field(number: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return join(Uint8Array.from([...varint(number << 3 | 2), ...varint(bytes.length)]), bytes);
}

/** A DriverCallRequest. */
export function driverCall(
  uuid: string,
  method: string,
  ...args: readonly Uint8Array[]
): Uint8Array {
  return join(field(1, uuid), field(2, method), ...args.map((arg) => field(3, arg)));
}
