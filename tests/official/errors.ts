/** The expected errors of the official client. @module */
import assert from "node:assert/strict";

interface Raised {
  readonly class: string;
  /** The built-in classes among NotImplementedError and ValueError that it is, too. */
  readonly builtin: readonly string[];
  readonly text: string;
}

/** The result of `programs/check_errors.py`. */
export interface Errors extends Readonly<Record<string, unknown>> {
  readonly calls: Readonly<Record<string, Raised>>;
  readonly streams: Readonly<Record<string, Raised & { readonly items: readonly number[] }>>;
}

const NOT_IMPLEMENTED = ["DriverMethodNotImplemented", "NotImplementedError"] as const;
const INVALID = ["DriverInvalidArgument", "ValueError"] as const;
const OTHER = ["DriverError"] as const;

/** The error of a driver, its status code on the wire, and the client's classes. */
const CLASSES = {
  InvalidArgument: ["INVALID_ARGUMENT", INVALID],
  NotSupported: ["UNIMPLEMENTED", NOT_IMPLEMENTED],
  Timeout: ["DEADLINE_EXCEEDED", OTHER],
  ConnectionFailed: ["UNAVAILABLE", OTHER],
  DeviceError: ["INTERNAL", OTHER],
  Error: ["UNKNOWN", OTHER],
} as const;

/** Other mistakes: the call, the status code, the client's classes, and the text. */
const MISTAKES = [
  ["unknown", "NOT_FOUND", NOT_IMPLEMENTED, /: method rescue not found on driver/],
  ["wrong kind", "NOT_FOUND", NOT_IMPLEMENTED, /: method read missing marker marker_drivercall/],
  ["constructor", "NOT_FOUND", NOT_IMPLEMENTED, /: method constructor not found on driver/],
  ["arguments", "INVALID_ARGUMENT", INVALID, /expected at most 1 arguments, found 2/],
  [
    "argument",
    "INVALID_ARGUMENT",
    INVALID,
    /argument 1: expected true or false, found the text "maybe"/,
  ],
  ["missing", "INTERNAL", OTHER, /Cannot open \/dev\/serial\/by-id\/none: .*ENOENT/],
  ["alien", "UNIMPLEMENTED", NOT_IMPLEMENTED, /driver 'alien' is not available: .*Unheard/],
  ["stray", "UNKNOWN", OTHER, /UUID\('/],
] as const;

/** Compares every failure with the expected class and message. */
export function checkErrors(errors: Errors): void {
  for (const [kind, [code, classes]] of Object.entries(CLASSES)) {
    const { text } = check(errors.calls[kind]!, classes);
    // If the code is not UNKNOWN, the client appends the cause of its own error.
    assert.match(
      text,
      new RegExp(`^DriverCall 'fail' failed with gRPC ${code}: no such luck( |$)`),
    );
    const streamed = errors.streams[kind]!;
    check(streamed, classes);
    assert.match(streamed.text, /^no such luck/);
    assert.deepEqual(streamed.items, [1, 2]);
  }
  for (const [name, code, classes, text] of MISTAKES) {
    const raised = check(errors[name] as Raised, classes);
    assert.match(raised.text, new RegExp(`^DriverCall '.*' failed with gRPC ${code}: `));
    assert.match(raised.text, text);
  }
  check(errors["wrong stream"] as Raised, OTHER);
  assert.equal(errors["missing stream"], "BrokenResourceError");
}

function check(raised: Raised, [kind, ...builtin]: readonly string[]): Raised {
  assert.equal(raised.class, kind, raised.text);
  assert.deepEqual(raised.builtin, builtin);
  return raised;
}
