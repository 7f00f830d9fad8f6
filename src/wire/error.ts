/**
 * The errors that a driver throws and the gRPC status that a client sees. The
 * codes are those of the interface's version after 0.9.0; official clients turn
 * INVALID_ARGUMENT into a ValueError, UNIMPLEMENTED and NOT_FOUND into a
 * NotImplementedError, FAILED_PRECONDITION into ExporterNotReady, and any other
 * into a DriverError that shows the details.
 *
 * @module
 */
import { isOutOfFiles, outOfFilesAdvice } from "../libc/file_limit.ts";
import { cut } from "../text/cut.ts";
import { Code } from "./code.ts";

export { Code };

/** A failure with its gRPC code; users see the message. */
export class DriverError extends Error {
  override name = "DriverError";
  /** gRPC status code, UNKNOWN (2) unless a subclass says otherwise. */
  readonly code: Code = Code.UNKNOWN;
}

/** The caller's argument or the value of a config key cannot be used. */
export class InvalidArgument extends DriverError {
  override name = "InvalidArgument";
  override readonly code: Code = Code.INVALID_ARGUMENT;
}

/** The driver has the method, but this device or mode does not support it. */
export class NotSupported extends DriverError {
  override name = "NotSupported";
  override readonly code: Code = Code.UNIMPLEMENTED;
}

/** The driver has no such method, or it is of another kind. */
export class NoSuchMethod extends DriverError {
  override name = "NoSuchMethod";
  override readonly code: Code = Code.NOT_FOUND;
}

/** Something did not happen in time. */
export class Timeout extends DriverError {
  override name = "Timeout";
  override readonly code: Code = Code.DEADLINE_EXCEEDED;
}

/** The other end of a connection refused, reset or vanished. */
export class ConnectionFailed extends DriverError {
  override name = "ConnectionFailed";
  override readonly code: Code = Code.UNAVAILABLE;
}

/** A device is missing, not permitted, busy or misbehaves. */
export class DeviceError extends DriverError {
  override name = "DeviceError";
  override readonly code: Code = Code.INTERNAL;
}

/** Something exceeds a limit of this side or of the peer. */
export class ResourceExhausted extends DriverError {
  override name = "ResourceExhausted";
  override readonly code: Code = Code.RESOURCE_EXHAUSTED;
}

const CONNECTION_ERRNO = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTCONN",
]);

const CONNECTION_CLASSES = [
  Deno.errors.ConnectionRefused,
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.BrokenPipe,
  Deno.errors.NotConnected,
];

/** The gRPC code for anything thrown: our own classes, Deno's and Node's system errors, or UNKNOWN. */
export function codeOf(error: unknown): Code {
  if (error instanceof DriverError) return error.code;
  if (!(error instanceof Error)) return Code.UNKNOWN;
  if (error.name === "TimeoutError" || error instanceof Deno.errors.TimedOut) {
    return Code.DEADLINE_EXCEEDED;
  }
  if (error.name === "ZodError" || error instanceof RangeError) return Code.INVALID_ARGUMENT;
  if (error.name === "AbortError") return Code.CANCELLED;
  if (CONNECTION_CLASSES.some((type) => error instanceof type)) return Code.UNAVAILABLE;
  const { code } = error as { code?: unknown };
  if (code === "ETIMEDOUT") return Code.DEADLINE_EXCEEDED;
  if (typeof code === "string" && CONNECTION_ERRNO.has(code)) return Code.UNAVAILABLE;
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return Code.INTERNAL;
  return Object.values(Deno.errors).some((type) => error instanceof type)
    ? Code.INTERNAL
    : Code.UNKNOWN;
}

/** The longest text of an error, in characters: it may quote what a client sent. */
const MAX_TEXT = 16 * 1024;

/** The text of anything thrown for users: never empty, and cut to a readable length. */
export function messageOf(error: unknown): string {
  return cut(textOf(error), MAX_TEXT);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error) || "unknown error";
  const nested = error instanceof AggregateError ? error.errors.map(textOf).join("; ") : "";
  const text = error.message || nested || error.name;
  const advice = isOutOfFiles(error) ? `: ${outOfFilesAdvice()}` : "";
  return text.includes(advice) ? text : text + advice;
}
