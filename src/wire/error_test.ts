import assert from "node:assert/strict";
import {
  Code,
  codeOf,
  ConnectionFailed,
  DeviceError,
  DriverError,
  InvalidArgument,
  messageOf,
  NoSuchMethod,
  NotSupported,
  Timeout,
} from "./error.ts";

Deno.test("codeOf() maps errors as the version after 0.9.0 does", () => {
  const errno = (code: string) => Object.assign(new Error("x"), { code });
  const cases: [unknown, Code][] = [
    [new DriverError("x"), Code.UNKNOWN],
    [new InvalidArgument("x"), Code.INVALID_ARGUMENT],
    [new NotSupported("x"), Code.UNIMPLEMENTED],
    [new NoSuchMethod("x"), Code.NOT_FOUND],
    [new Timeout("x"), Code.DEADLINE_EXCEEDED],
    [new ConnectionFailed("x"), Code.UNAVAILABLE],
    [new DeviceError("x"), Code.INTERNAL],
    [new RangeError("x"), Code.INVALID_ARGUMENT],
    [new TypeError("x"), Code.UNKNOWN],
    [new Error("x"), Code.UNKNOWN],
    ["thrown text", Code.UNKNOWN],
    [AbortSignal.abort().reason, Code.CANCELLED],
    [new DOMException("late", "TimeoutError"), Code.DEADLINE_EXCEEDED],
    [new Deno.errors.NotFound("x"), Code.INTERNAL],
    [new Deno.errors.PermissionDenied("x"), Code.INTERNAL],
    [new Deno.errors.ConnectionRefused("x"), Code.UNAVAILABLE],
    [new Deno.errors.ConnectionReset("x"), Code.UNAVAILABLE],
    [errno("ECONNREFUSED"), Code.UNAVAILABLE],
    [errno("ETIMEDOUT"), Code.DEADLINE_EXCEEDED],
    [errno("ENOENT"), Code.INTERNAL],
    [errno("ERR_STREAM_DESTROYED"), Code.UNKNOWN],
  ];
  for (const [error, code] of cases) assert.equal(codeOf(error), code, String(error));
});

Deno.test("messageOf() is never empty", () => {
  assert.equal(messageOf(new Error("")), "Error");
  assert.equal(messageOf(""), "unknown error");
  assert.equal(messageOf(new AggregateError([new Error("a"), new Error("b")])), "a; b");
});
