/**
 * The official `j` of a Python environment on this host, for drivers whose client is not built in.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { isProgram, programsOn } from "../files/search_path.ts";
import { statOf } from "../files/stat.ts";
import { type Env, places } from "../python/places.ts";
import { distrustedInterpreter } from "../python/trust.ts";
import { runInForeground } from "../subprocess/foreground.ts";
import program from "./python_j.py" with { type: "text" };

/** Set for the official `j`, so that a `j` that leads back to this program does not start it again. */
const MARK = "_JMP_J_HANDED_OVER";

/**
 * Finds the official `j` in the Python environments of drivers, then on PATH. In an environment with
 * the official package but without its commands, the interpreter runs them.
 *
 * @returns the words before the arguments.
 * @throws {Error} if other users could change it, so that root must not run it.
 */
export function findPythonJ(env: Env): readonly string[] | undefined {
  if (env[MARK]) return undefined;
  for (const { path } of places({ env })) {
    const found = path === undefined ? undefined : commandIn(binOf(path), env);
    if (found) return found;
  }
  if (env.JMP_PYTHON) return undefined;
  const onPath = programsOn(env.PATH ?? "", "j").find(isPythonScript);
  return onPath === undefined ? undefined : [onPath];
}

/**
 * Runs the official `j` with this process's environment and terminal.
 *
 * @param found what {@linkcode findPythonJ} found.
 * @param args the arguments from the name of the driver on.
 * @param env variables in addition to the process's own.
 * @returns its exit code.
 */
export async function runPythonJ(
  found: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return await runInForeground({ command: [...found, ...args], env: { ...env, [MARK]: "1" } });
}

/** The folder of the programs of an environment, or of an interpreter. */
function binOf(place: string): string {
  return statOf(place)?.isDirectory ? join(place, "bin") : dirname(place);
}

function commandIn(bin: string, env: Env): readonly string[] | undefined {
  const j = join(bin, "j");
  const python = join(bin, "python");
  const command = isPythonScript(j)
    ? [j]
    : isProgram(python) && hasPackage(dirname(bin))
    ? [python, "-c", program]
    : undefined;
  const distrusted = command && isProgram(python) && distrustedInterpreter(python, env);
  if (distrusted) throw new Error(`cannot use ${command[0]}: ${distrusted}`);
  return command;
}

/** Whether a virtual environment has the official package. */
function hasPackage(environment: string): boolean {
  const lib = join(environment, "lib");
  if (!statOf(lib)?.isDirectory) return false;
  return Array.from(Deno.readDirSync(lib)).some(({ name }) => {
    return statOf(join(lib, name, "site-packages/jumpstarter"))?.isDirectory;
  });
}

/** Long enough for the path of an interpreter in the first two lines. */
const HEAD_BYTES = 1024;

/** Whether a file is a script for Python, as installers write it; this program's own `j` is none. */
function isPythonScript(path: string): boolean {
  if (!isProgram(path)) return false;
  const bytes = new Uint8Array(HEAD_BYTES);
  using file = Deno.openSync(path);
  const head = new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  const [first = "", second = ""] = head.split("\n");
  // The second line has the interpreter if its path is too long for the first one.
  return first.startsWith("#!") && /python/.test(first + (second.includes("exec") ? second : ""));
}
