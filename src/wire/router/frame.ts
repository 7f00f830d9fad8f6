/**
 * Frames of RouterService.Stream. StreamRequest and StreamResponse have one encoding, which is
 * written by hand here: each 64 KiB of every image passes through it, and generated code copies
 * them three times.
 *
 * @module
 */
import type { Call } from "../grpc/call.ts";
import { messagePrefix } from "../grpc/message.ts";

/** The frame types that have an effect; official peers ignore all others, and so do we. */
export const FrameType = { DATA: 0, GOAWAY: 7 } as const;

/** A frame that was read; the payload is a view of the message. */
export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/**
 * The largest payload that we send, in bytes: the size that official peers send, far below the
 * 4 MiB at which a gRPC receiver with default limits refuses a message.
 */
export const MAX_PAYLOAD = 64 * 1024;

const EMPTY = new Uint8Array();
/** Tags of field 1, which is length-delimited, and of field 2, a varint. */
const PAYLOAD = 0x0a;
const TYPE = 0x10;

/** The bytes before a payload of `length` in a DATA message, its gRPC prefix included. */
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

/** Sends `bytes` in DATA frames, one at least; returns whether there is room for more. */
export function sendData(call: Call, bytes: Uint8Array): boolean {
  let room = true;
  for (let start = 0; start === 0 || start < bytes.length; start += MAX_PAYLOAD) {
    const payload = bytes.subarray(start, start + MAX_PAYLOAD);
    room = call.sendPieces(dataPrefix(payload.length), payload);
  }
  return room;
}

/** Reads a message. @throws {RangeError} when it is not protobuf */
export function readFrame(message: Uint8Array): Frame {
  let payload = EMPTY;
  let type: number = FrameType.DATA;
  let at = 0;
  const varint = (): number => {
    for (let value = 0, shift = 0; shift < 70; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) break;
      // No field here has a meaning beyond 32 bits.
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
