/** Commands that run on the exporter's host, whose output comes as a stream of values. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { Value } from "../../wire/value.ts";
import { type Context, Ended, JError } from "../context.ts";

/**
 * Passes on what a command prints. `method` streams `[stdout, stderr, exit code or null]`.
 *
 * @throws {Ended} with the exit code of the command, unless that is 0
 */
export async function runRemotely(
  driver: DriverClient,
  method: string,
  args: unknown[],
  { output, signal }: Context,
): Promise<void> {
  let code: number | undefined;
  for await (const value of driver.stream(method, args, { signal })) {
    const [out, error, ended] = Array.isArray(value) ? value : [];
    await output.bytes(bytesOf(out));
    await output.errorBytes(bytesOf(error));
    if (typeof ended === "number") code = ended;
  }
  if (code === undefined) throw new JError("the exporter has not told how the command ended");
  if (code !== 0) throw new Ended(exitCode(code));
}

function bytesOf(text: Value | undefined): Uint8Array {
  return new TextEncoder().encode(typeof text === "string" ? text : "");
}

/** A process that signal 9 ended has the code -9 in Python, and 137 in a shell. */
function exitCode(code: number): number {
  return code < 0 ? 128 - code : code & 255 || 1;
}
