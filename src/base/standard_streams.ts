/** Writes to standard output and standard error, which may be full, closed, or read no more. @module */

/** The part of Deno.stdout and Deno.stderr that is used. */
export interface StandardStream {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

/** The exit code of a program whose output nobody reads any more: what a shell reports for SIGPIPE. */
export const BROKEN_PIPE = 141;

/**
 * Writes all bytes before it returns.
 *
 * @throws {Deno.errors.BrokenPipe} when nobody reads, and another Error that names the stream
 */
export function writeAllSync(stream: StandardStream, bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    throw named(stream, error);
  }
}

/** Writes all bytes. @throws as {@linkcode writeAllSync} does */
export async function writeAll(stream: StandardStream, bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await stream.write(rest));
  } catch (error) {
    throw named(stream, error);
  }
}

/** Writes as many of the bytes as possible: for messages whose loss nobody can be told. */
export function tryToWrite(stream: StandardStream, bytes: Uint8Array): void {
  try {
    writeAllSync(stream, bytes);
  } catch {
    // The exit code still reports a failure.
  }
}

function named(stream: StandardStream, error: unknown): unknown {
  if (error instanceof Deno.errors.BrokenPipe) return error;
  const name = stream === Deno.stderr ? "standard error" : "standard output";
  return new Error(`cannot write to ${name}: ${(error as Error).message}`);
}
