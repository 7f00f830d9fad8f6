/** Statuses, deadlines and metadata in the headers of gRPC. @module */
import { cut } from "../../text/cut.ts";
import { Code, DriverError } from "../error.ts";
import { describeReset } from "../http2/connection.ts";
import { Reason } from "../http2/codes.ts";
import { type Header, sizeOf, valueOf } from "../http2/header_table.ts";

/** How a call ended. */
export interface Status {
  readonly code: Code;
  readonly details: string;
}

/** A call that failed. A driver that passes calls on passes its status on as well. */
export class StatusError extends DriverError implements Status {
  override name = "StatusError";
  override readonly code: Code;
  constructor(code: Code, readonly details: string) {
    super(details);
    this.code = code;
  }
}

/**
 * The largest headers or trailers of a call that we send (RFC 9113 §6.5.2). Instead of the status,
 * gRPC core reports larger ones as an error: from 8 KiB on at random, beyond 16 KiB always.
 */
export const MAX_METADATA = 7 * 1024;

/** The size of headers (RFC 9113 §6.5.2): their bytes, and 32 for each. */
export function metadataSize(headers: readonly Header[]): number {
  let size = 0;
  for (let at = 0; at < headers.length; at++) size += sizeOf(headers[at]!);
  return size;
}

const MESSAGE = "grpc-message";

/** The header of `details`, which are cut to a size of `room`. */
export function detailsHeader(details: string, room: number): Header {
  const left = Math.max(0, room - metadataSize([[MESSAGE, ""]]));
  return [MESSAGE, encodeDetails(cut(details, left, encodedLength))];
}

/** The bytes of a character in percent-encoding. */
function encodedLength(codePoint: number): number {
  if (codePoint < 0x80) return isPlain(codePoint) ? 1 : 3;
  return codePoint < 0x800 ? 6 : codePoint < 0x10000 ? 9 : 12;
}

/** Whether `byte` is sent as it is: printable ASCII other than `%`. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
}

const PERCENT = 0x25;
const HEX = new TextEncoder().encode("0123456789ABCDEF");

/** Percent-encodes what is not printable ASCII. */
export function encodeDetails(details: string): string {
  if (/^[ -$&-~]*$/.test(details)) return details;
  const bytes = new TextEncoder().encode(details);
  const encoded = new Uint8Array(3 * bytes.length);
  let length = 0;
  for (const byte of bytes) {
    if (isPlain(byte)) encoded[length++] = byte;
    else {
      encoded[length++] = PERCENT;
      encoded[length++] = HEX[byte >> 4]!;
      encoded[length++] = HEX[byte & 15]!;
    }
  }
  return new TextDecoder().decode(encoded.subarray(0, length));
}

/** Decodes details; returns an invalid encoding as it is. */
export function decodeDetails(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The milliseconds of a `grpc-timeout`; undefined when it is invalid. */
export function parseTimeout(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNIT_MS[unit!]!;
}

/** The `grpc-timeout` of `ms` milliseconds, which may have at most eight digits. */
export function formatTimeout(ms: number): string {
  if (ms < 1e8) return `${Math.max(0, Math.ceil(ms))}m`;
  return `${Math.min(99_999_999, Math.ceil(ms / 1000))}S`;
}

/** All values of a header. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value);
}

/** The status in trailers, or in the headers of a response that has only those. */
export function statusOf(headers: readonly Header[]): Status {
  const code = valueOf(headers, "grpc-status");
  if (code !== undefined && /^\d+$/.test(code)) {
    const known = Number(code) <= 16 ? Number(code) : Code.UNKNOWN;
    return { code: known as Code, details: decodeDetails(valueOf(headers, "grpc-message") ?? "") };
  }
  const http = valueOf(headers, ":status") ?? "none";
  return {
    code: HTTP_CODES[http] ?? Code.UNKNOWN,
    details: `expected a gRPC status, found HTTP status ${http}`,
  };
}

/** As the gRPC specification maps them. */
const HTTP_CODES: Readonly<Record<string, Code>> = {
  400: Code.INTERNAL,
  401: Code.UNAUTHENTICATED,
  403: Code.PERMISSION_DENIED,
  404: Code.UNIMPLEMENTED,
  429: Code.UNAVAILABLE,
  502: Code.UNAVAILABLE,
  503: Code.UNAVAILABLE,
  504: Code.UNAVAILABLE,
};

/** The status of a call whose stream was reset. */
export function statusOfReset(reason: number, why?: string): Status {
  return { code: RESET_CODES[reason] ?? Code.INTERNAL, details: describeReset(reason, why) };
}

const RESET_CODES: Readonly<Record<number, Code>> = {
  [Reason.REFUSED_STREAM]: Code.UNAVAILABLE,
  [Reason.CONNECT_ERROR]: Code.UNAVAILABLE,
  [Reason.CANCEL]: Code.CANCELLED,
  [Reason.ENHANCE_YOUR_CALM]: Code.RESOURCE_EXHAUSTED,
  [Reason.INADEQUATE_SECURITY]: Code.PERMISSION_DENIED,
};
