/**
 * The frames of RouterService.Stream as bytes: StreamRequest and StreamResponse have
 * one encoding. By hand, because each 64 KiB of every image passes here, and generated
 * code copies them three times.
 *
 * @module
 */
import { messagePrefix } from "./grpc/message.ts";

/** Those frame types that mean something here; the others are ignored, as official peers do. */
export const FrameType = { DATA: 0, GOAWAY: 7 } as const;

/** A frame that was read; the payload is part of the message. */
export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/**
 * Payloads stay at or below the size that official peers send, far from the 4 MiB
 * at which a gRPC receiver with default limits refuses a message.
 */
export const MAX_PAYLOAD = 64 * 1024;

const EMPTY = new Uint8Array();
/** Field 1, length-delimited, and field 2, a number. */
const PAYLOAD = 0x0a;
const TYPE = 0x10;

/** What stands before a payload in a DATA message, its gRPC prefix included. */
export function dataPrefix(length: number): Uint8Array {
  const size = length < 0x80 ? 1 : length < 0x4000 ? 2 : 3;
  const prefix = messagePrefix(1 + size + length, 1 + size);
  let at = 5;
  prefix[at++] = PAYLOAD;
  for (; length >= 0x80; length >>>= 7) prefix[at++] = length & 0x7f | 0x80;
  prefix[at] = length;
  return prefix;
}

/** A GOAWAY message, without its gRPC prefix. */
export const GOAWAY: Uint8Array = Uint8Array.of(TYPE, FrameType.GOAWAY);

/** Reads a message. @throws {RangeError} when it is not protobuf */
export function readFrame(message: Uint8Array): Frame {
  let payload = EMPTY;
  let type: number = FrameType.DATA;
  let at = 0;
  const varint = (): number => {
    for (let value = 0, shift = 0; shift < 70; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) break;
      // Beyond 32 bits nothing is of interest.
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("Cannot read a frame: a number is cut off");
  };
  const skip = (length: number): number => {
    const start = at;
    at += length;
    if (at > message.length) throw new RangeError("Cannot read a frame: a field is cut off");
    return start;
  };
  while (at < message.length) {
    const tag = varint();
    if (tag === PAYLOAD) {
      const start = skip(varint());
      payload = message.subarray(start, at) as Uint8Array<ArrayBuffer>;
    } else if (tag === TYPE) type = varint();
    else if ((tag & 7) === 0) varint();
    else if ((tag & 7) === 1) skip(8);
    else if ((tag & 7) === 2) skip(varint());
    else if ((tag & 7) === 5) skip(4);
    else throw new RangeError(`Cannot read a frame: field type ${tag & 7} is unknown`);
  }
  return { type, payload };
}
