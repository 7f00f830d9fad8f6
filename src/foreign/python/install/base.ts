/** The interpreter that a new environment is made of. @module */
import { dirname } from "node:path";
import { messageOf } from "../../../wire/error.ts";
import { interpreterAt } from "../interpreter.ts";
import { programsOn } from "../../../files/search_path.ts";
import type { Env } from "../../../python/places.ts";
import { findsModule } from "../probe.ts";

/** An interpreter for environments. */
export interface BaseInterpreter {
  readonly python: string;
  /** `3.11.7` */
  readonly version: string;
}

/** Programs on PATH: that of the system, which is maintained, before others that are newer. */
const PROGRAMS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/**
 * Finds a Python 3.11 or later that can make environments.
 *
 * @param given the only one to look at: a path, or the name of a program on PATH.
 * @throws {Error} with the reason of each that was looked at, and what to install.
 */
export async function findBase(env: Env, given?: string): Promise<BaseInterpreter> {
  const programs = given === undefined ? PROGRAMS : [given];
  const paths = given?.includes("/")
    ? [given]
    : programs.flatMap((program) => programsOn(env.PATH ?? "", program));
  const problems: string[] = [];
  for (const path of paths) {
    try {
      return await baseAt(path, env);
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
    }
  }
  if (problems.length === 0) problems.push(`no ${programs[0]} on PATH`);
  throw new Error(
    "Cannot make a Python environment: expected Python 3.11 or later with venv, found none " +
      `(${problems.join("; ")}); on Debian and Ubuntu run: apt install python3 python3-venv`,
  );
}

/** @throws {Error} if environments cannot be made of it */
async function baseAt(path: string, env: Env): Promise<BaseInterpreter> {
  const { python, version } = await interpreterAt(path, env);
  const [major, minor] = version;
  if (!await findsModule(python, "ensurepip")) {
    throw new Error(`it has no ensurepip: apt install python${major}.${minor}-venv`);
  }
  if (Deno.uid() === 0) checkPublic(python);
  return { python, version: version.join(".") };
}

/** An environment of root is for exporters of other users, too. @throws {Error} if they cannot run it */
function checkPublic(python: string): void {
  for (let place = Deno.realPathSync(python); place !== "/"; place = dirname(place)) {
    if ((Deno.statSync(place).mode! & 0o001) !== 0) continue;
    throw new Error(`other users cannot run it, because ${place} is closed to them`);
  }
}
