/** The numbers of RFC 9113: frame types, flags, settings and error codes. @module */

/** Frame types (RFC 9113 §6). */
export const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Flags; END_STREAM and ACK share a bit, on different frames. */
export const Flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** The settings that we apply; all others are ignored (RFC 9113 §6.5.2). */
export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Error codes (RFC 9113 §7). */
export const Reason = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

/** The largest window (RFC 9113 §6.9.1). */
export const MAX_WINDOW = 2 ** 31 - 1;
/** The windows of both sides before any SETTINGS. */
export const DEFAULT_WINDOW = 65_535;
/** The largest frame that may be sent to a peer before its SETTINGS. */
export const DEFAULT_FRAME = 16_384;

/** `PROTOCOL_ERROR` for 1; the number itself when it has no name. */
export function reasonName(reason: number): string {
  return Object.entries(Reason).find(([, value]) => value === reason)?.[0] ?? String(reason);
}

/** A violation that ends the whole connection. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
  constructor(readonly reason: number, what: string) {
    super(`${reasonName(reason)}: ${what}`);
  }
}

/** The error for a violation that has no code of its own. */
export function protocolError(what: string): ConnectionError {
  return new ConnectionError(Reason.PROTOCOL_ERROR, what);
}
