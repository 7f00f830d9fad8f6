/** In the worker: the place in the author's files where an error was thrown. @module */
import { fileURLToPath } from "node:url";
import { DriverError } from "../../driver/mod.ts";
import { toFailure } from "./failure.ts";
import { isGuarded } from "./imports.ts";
import type { Failure } from "./protocol.ts";

/** The file and the position of a frame of a stack. */
const FRAME = /(file:\/\/\/[^\s()]*?):(\d+:\d+)/g;

/**
 * Converts an error of the author's code, whose message then ends with its place. An error of the
 * SDK is for clients: its message stays as the author wrote it.
 */
export function placedFailure(error: unknown): Failure {
  const failure = toFailure(error);
  if (error instanceof DriverError) return failure;
  const place = placeIn(failure.stack ?? "");
  if (place === undefined || failure.message.includes(place)) return failure;
  return { ...failure, message: `${failure.message} at ${place}` };
}

/** The innermost frame in a file that the driver consists of. */
function placeIn(stack: string): string | undefined {
  for (const [, url, position] of stack.matchAll(FRAME)) {
    if (isGuarded(url!)) return `${fileURLToPath(url!)}:${position}`;
  }
  return undefined;
}
