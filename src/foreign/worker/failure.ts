/** Passes errors across the worker boundary; they keep their class, code and message. @module */
import { type Code, messageOf } from "../../wire/error.ts";
import * as wire from "../../wire/error.ts";
import type { Failure } from "./protocol.ts";

/** The SDK's classes, and those that a child driver of the exporter may throw. */
const DRIVER_ERRORS = new Map<string, new (message: string) => Error>(
  [
    wire.DriverError,
    wire.InvalidArgument,
    wire.NotSupported,
    wire.NoSuchMethod,
    wire.Timeout,
    wire.ConnectionFailed,
    wire.DeviceError,
  ].map((type) => [type.name, type]),
);

const BUILT_IN = new Map<string, new (message: string) => Error>(
  [RangeError, TypeError, SyntaxError].map((type) => [type.name, type]),
);

/** Converts anything thrown into a failure, which can be cloned. */
export function toFailure(error: unknown): Failure {
  const message = messageOf(error);
  if (!(error instanceof Error)) return { name: "Error", message };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...((typeof code === "number" || typeof code === "string") && { code }),
  };
}

/** Restores an error: an instance of its class if that is known, else an Error with its name. */
export function fromFailure({ name, message, stack, code }: Failure): Error {
  const error = create(name, message, code);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function create(name: string, message: string, code: Failure["code"]): Error {
  const known = DRIVER_ERRORS.get(name);
  if (known) return new known(message);
  if (typeof code === "number" && name !== "AbortError" && name !== "TimeoutError") {
    return Object.assign(new wire.DriverError(message), { name, code: code as Code });
  }
  const type = BUILT_IN.get(name) ?? denoError(name) ?? Error;
  const error = new type(message);
  if (error.name !== name) error.name = name;
  return typeof code === "string" ? Object.assign(error, { code }) : error;
}

function denoError(name: string): (new (message: string) => Error) | undefined {
  return Object.hasOwn(Deno.errors, name)
    ? Deno.errors[name as keyof typeof Deno.errors]
    : undefined;
}
