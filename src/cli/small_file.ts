/** Files that an option names: certificates, keys, secrets. They are small. @module */
import { withDeadline } from "../base/deadline.ts";
import { readAtMost } from "../files/read_at_most.ts";
import { messageOf } from "../wire/error.ts";
import { CliError } from "./common.ts";

/** What was found in a file. */
export interface SmallFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits; undefined for a pipe, such as the shell's `<(command)`. */
  readonly mode: number | undefined;
}

/** How long a pipe may take to deliver, in milliseconds. */
const PIPE_MS = 10_000;

/**
 * Reads the file `path` that the option `flag` names.
 *
 * @param limit the largest size that is plausible, in bytes.
 * @throws {CliError} naming option and file, when it cannot be read, is neither a file nor
 *   a pipe, or is larger.
 */
export async function readSmallFile(
  path: string,
  flag: string,
  limit: number,
): Promise<SmallFile> {
  const found = await Deno.stat(path).catch((error) => {
    throw new CliError(`${flag}: cannot read ${path}: ${messageOf(error)}`);
  });
  if (!found.isFile && !found.isFifo) {
    const kind = found.isDirectory ? "a folder" : "neither a file nor a pipe";
    throw new CliError(`${flag}: expected a file, found that ${path} is ${kind}`);
  }
  const late = () => new Error(`nothing came within ${PIPE_MS / 1000} s`);
  const reading = withDeadline(readAtMost(path, limit), { ms: PIPE_MS, late });
  const bytes = await reading.catch((error) => {
    throw new CliError(`${flag}: cannot read ${path}: ${messageOf(error)}`);
  });
  if (!bytes) {
    throw new CliError(`${flag}: expected at most ${limit} bytes in ${path}, found more`);
  }
  return { path, bytes, mode: found.isFile ? (found.mode ?? 0) & 0o7777 : undefined };
}
