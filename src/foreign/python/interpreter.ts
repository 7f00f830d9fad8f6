/** Looks at an interpreter: whether it can be run, and what it answers. @module */
import { dirname, join } from "node:path";
import type { Env } from "../../python/places.ts";
import { askInterpreter, type Facts } from "./probe.ts";
import { exists, isLink, statOf } from "../../files/stat.ts";
import { distrustedInterpreter } from "../../python/trust.ts";

/** The oldest Python that the official package supports. */
const OLDEST = [3, 11] as const;

/**
 * Asks the interpreter at a path, which may be that of a virtual environment. Runs it once, as
 * long as its packages do not change.
 *
 * @throws {Error} with the reason, if it cannot be used.
 */
export async function interpreterAt(path: string, env: Env): Promise<Facts> {
  const python = programAt(path);
  checkTrust(python, env);
  const facts = await factsOf(python);
  // A wrapper may lead elsewhere.
  if (facts.python !== python) checkTrust(facts.python, env);
  const { version } = facts;
  const [major, minor] = version;
  if (major === OLDEST[0] && minor! >= OLDEST[1]) return facts;
  throw new Error(`expected Python ${OLDEST.join(".")} or later, found ${version.join(".")}`);
}

function checkTrust(python: string, env: Env): void {
  const distrusted = distrustedInterpreter(python, env);
  if (distrusted) throw new Error(distrusted);
}

function programAt(path: string): string {
  const info = statOf(path);
  if (!info) throw new Error(isLink(path) ? gone(path) : "no such file or folder");
  if (!info.isDirectory) return path;
  const python = join(path, "bin/python");
  if (exists(python)) return python;
  throw new Error(
    isLink(python) ? gone(python) : "expected a virtual environment, found no bin/python",
  );
}

function gone(python: string): string {
  return `${python} leads to an interpreter that is gone; make the environment again`;
}

interface Known {
  readonly facts: Facts;
  /** The times of last changes when the interpreter was asked. */
  readonly state: string;
}

/** What interpreters answered, by path. */
const known = new Map<string, Promise<Known>>();

async function factsOf(python: string): Promise<Facts> {
  const pending = known.get(python);
  if (pending) {
    const earlier = await pending.catch(() => undefined);
    if (earlier && earlier.state === stateOf(python, earlier.facts)) return earlier.facts;
  }
  const asked = askInterpreter(python)
    .then((facts) => ({ facts, state: stateOf(python, facts) }));
  known.set(python, asked);
  return (await asked).facts;
}

function stateOf(python: string, { folders }: Facts): string {
  const config = join(dirname(dirname(python)), "pyvenv.cfg");
  return JSON.stringify([python, config, ...folders].map((path) => statOf(path)?.mtime?.getTime()));
}
