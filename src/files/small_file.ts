/** Small files that a user names: configs, tokens, certificates, secrets. @module */
import { withDeadline } from "../base/deadline.ts";
import { readAtMost } from "./read_at_most.ts";

/** Why a file cannot be read; the message follows its name: `it is a folder`. */
export class UnreadableFile extends Error {
  override name = "UnreadableFile";
}

/** The content of a file. */
export interface SmallFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits; undefined for a pipe, such as the shell's `<(command)`. */
  readonly mode: number | undefined;
}

/** Longest time until a pipe has delivered everything, in milliseconds. */
const PIPE_MS = 10_000;

/**
 * Reads a file or a pipe to its end.
 *
 * @param limit the largest plausible size in bytes.
 * @throws {UnreadableFile} if it cannot be read, is neither a file nor a pipe, or is larger;
 *   its cause is the error of the system, if there is one.
 */
export async function readSmallFile(path: string, limit: number): Promise<SmallFile> {
  try {
    const info = await Deno.stat(path);
    const problem = kindProblem(info);
    if (problem) throw new UnreadableFile(problem);
    const bytes = await withDeadline(readAtMost(path, limit), { ms: PIPE_MS, late });
    if (!bytes) throw new UnreadableFile(`it is larger than ${limit} bytes`);
    return { path, bytes, mode: info.isFile ? (info.mode ?? 0) & 0o7777 : undefined };
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(systemProblem(error), { cause: error });
  }
}

function kindProblem(info: Deno.FileInfo): string | undefined {
  if (info.isFile || info.isFifo) return undefined;
  if (info.isDirectory) return "it is a folder";
  return info.isSocket ? "it is a socket" : "it is a device";
}

function late(): UnreadableFile {
  return new UnreadableFile(`it is a pipe, and its end did not come within ${PIPE_MS / 1000} s`);
}

function systemProblem(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.NotADirectory) return "its path leads through a file";
  if (error instanceof Deno.errors.PermissionDenied) {
    return `permission denied for the user with uid ${Deno.uid()}`;
  }
  return (error as Error).message;
}
