/** Finds the program of a driver, and checks that it can be trusted. @module */
import { resolve } from "node:path";
import { trustedFile } from "../../files/trusted_file.ts";
import { InvalidArgument, messageOf } from "../../driver/mod.ts";
import { isProgram, programsOn } from "../../files/search_path.ts";
import type { ExecProgram } from "./program.ts";

/** A command that can be started. */
export interface FoundProgram {
  /** Absolute; not resolved, because some programs look at the name by which they are called. */
  readonly path: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
}

/**
 * Finds a program by its path relative to its working folder or, if its name has no slash, on PATH.
 * Like the files of custom drivers, neither the program nor a script, which is the first argument
 * that names a file, may be one that other users can change.
 *
 * @param folder the folder of the config file.
 * @throws {InvalidArgument} with what to do, if there is none, or if others can change it.
 */
export function findProgram(program: ExecProgram, folder: string): FoundProgram {
  const [name, ...args] = program.command;
  const cwd = resolve(folder, program.cwd ?? ".");
  if (!isThere(cwd, "isDirectory")) {
    throw new InvalidArgument(`'cwd': expected a folder at ${cwd}, found none`);
  }
  const path = name.includes("/")
    ? resolve(cwd, name)
    : onPath(name, program.env.PATH ?? Deno.env.get("PATH") ?? "");
  checkProgram(path);
  const script = args.map((word) => resolve(cwd, word)).find((file) => isThere(file, "isFile"));
  if (script !== undefined) checkTrust(script);
  return { path, args, cwd };
}

/** The first program of this name. Relative folders of PATH are passed over. */
function onPath(name: string, path: string): string {
  const [found] = programsOn(path, name);
  if (found !== undefined) return found;
  throw new InvalidArgument(
    `expected the program '${name}' in a folder of PATH, found none; install it, or write its path`,
  );
}

function checkProgram(path: string): void {
  if (!isThere(path, "isFile")) {
    throw new InvalidArgument(`expected a program at ${path}, found none; correct the path`);
  }
  if (!isProgram(path)) {
    throw new InvalidArgument(`expected a program at ${path}, found a file; run: chmod +x ${path}`);
  }
  checkTrust(path);
}

function checkTrust(path: string): void {
  try {
    trustedFile(path);
  } catch (error) {
    throw new InvalidArgument(`Cannot run ${path}: ${messageOf(error)}`);
  }
}

function isThere(path: string, kind: "isFile" | "isDirectory"): boolean {
  try {
    return Deno.statSync(path)[kind];
  } catch {
    return false;
  }
}
