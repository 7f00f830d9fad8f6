/** Determines the command line of a hook. @module */
import { basename, isAbsolute } from "node:path";
import { isProgram, programsOn } from "../../files/search_path.ts";

/** A hook as the config describes it. */
export interface HookScript {
  readonly script: string;
  /** The interpreter, if the config names one. */
  readonly exec?: string;
  readonly timeoutSeconds: number;
}

/** The command line of a hook. */
export interface HookCommand {
  readonly argv: readonly string[];
  /** The text of a file to create, whose path is the last argument. @default no file */
  readonly file?: string;
  /** An interpreter that is replaced by another, and why. */
  readonly warning?: string;
}

const SHELL = "/bin/sh";

/**
 * Returns the command line of a hook, or undefined for an empty script. A script of one line that
 * names a file is run by `exec`, else by Python if it ends in `.py`; any other script is passed to
 * `exec` with `-c`, as by the official exporter. Without `exec`, `#!` in the first line names the
 * interpreter, which the official exporter ignores, else it is `/bin/sh`.
 *
 * @param path the PATH of the hook.
 * @throws {Error} if the interpreter is missing.
 */
export async function hookCommand(
  { script, exec }: HookScript,
  path: string,
): Promise<HookCommand | undefined> {
  const text = script.trim();
  if (text === "") return undefined;
  const isPath = !text.includes("\n") && await isFile(text);
  if (exec !== undefined) {
    return { argv: [found(exec, path, "exec"), ...(isPath ? [text] : ["-c", script])] };
  }
  if (isPath && text.endsWith(".py")) return { argv: [found("python3", path, text), text] };
  const line = shebang(isPath ? await beginning(text) : text);
  if (!line) return { argv: [SHELL, ...(isPath ? [text] : ["-c", script])] };
  const rest = isPath ? { argv: [text] } : { argv: [], file: `${text}\n` };
  if (isMissing(line, path) && basename(line.at(-1)!).endsWith("sh")) {
    const warning = `there is no ${line.join(" ")}, which the script names; runs it by ${SHELL}`;
    return { ...rest, argv: [SHELL, ...rest.argv], warning };
  }
  found(interpreter(line), path, `#!${line.join(" ")}`);
  return { ...rest, argv: [...line, ...rest.argv] };
}

/** The interpreter and its argument, split as by the kernel: it has one argument at most. */
function shebang(text: string): string[] | undefined {
  const [, program, argument] = /^#![ \t]*(\S+)(?:[ \t]+(\S[^\n]*))?/.exec(text) ?? [];
  if (program === undefined || program === SHELL && argument === undefined) return undefined;
  return argument === undefined ? [program] : [program, argument.trimEnd()];
}

/** What must be installed: `python3` of `/usr/bin/env python3`. */
function interpreter([program, argument]: readonly string[]): string {
  const viaEnv = basename(program!) === "env" && argument !== undefined;
  return viaEnv && /^[\w.+-]+$/.test(argument) && !argument.startsWith("-") ? argument : program!;
}

function isMissing(line: readonly string[], path: string): boolean {
  const program = interpreter(line);
  if (program.includes("/")) return !isProgram(program);
  // Other folders depend on where the hook runs.
  const folders = path.split(":");
  return folders.every(isAbsolute) && programsOn(path, program).length === 0;
}

/** Returns the name of a program that exists. @param origin where the name is from */
function found(program: string, path: string, origin: string): string {
  if (!isMissing([program], path)) return program;
  const where = program.includes("/") ? `at ${program}` : `named ${program} on PATH (${path})`;
  throw new Error(
    `expected a program ${where}, the interpreter of the script (${origin}), found none; install it, ` +
      "or name another one by exec:",
  );
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

/** The first line of a file, cut to the length that the kernel reads; "" if it cannot be read. */
async function beginning(path: string): Promise<string> {
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(256);
    const count = await file.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, count));
  } catch {
    return "";
  }
}
