/** Finds the Python environment whose drivers are hosted. @module */
import { dirname, join } from "node:path";
import { messageOf } from "../../wire/error.ts";
import { distrustedInterpreter } from "./trust.ts";
import { type Env, type Place, type PlaceOptions, places } from "./places.ts";
import { exists, isLink, statOf } from "./stat.ts";
import { askInterpreter, type Facts, findsModule } from "./probe.ts";

/** An interpreter with the official package. */
export interface PythonEnvironment {
  /** The absolute path of the interpreter. */
  readonly python: string;
  /** `3.11.7` */
  readonly version: string;
  /** The version of the package `jumpstarter`; `unknown` if it has none. */
  readonly jumpstarter: string;
  /** Where it was found: `JMP_PYTHON`, `/var/lib/jumpstarter/python`, `python3 of PATH`. */
  readonly place: string;
  /** Whether a top-level module can be found; none is imported. */
  has(module: string): Promise<boolean>;
}

/** Why there is no environment: each interpreter that was looked at. */
export interface NoEnvironment {
  /** In the order of the search. */
  readonly looked: readonly { readonly python: string; readonly reason: string }[];
}

/** The oldest Python that the official package supports. */
const OLDEST = [3, 11] as const;

/** Releases of the package whose drivers cannot be hosted. */
const TOO_OLD = /^0\.[0-7](?:\.\d+)*$/;

/** Looks at the places in order. Runs an interpreter once, as long as its packages do not change. */
export async function findPython(
  options: PlaceOptions,
): Promise<PythonEnvironment | NoEnvironment> {
  const looked: { python: string; reason: string }[] = [];
  for (const place of places(options)) {
    const found = await look(place, options.env);
    if (typeof found !== "string") return found;
    const { name, path = name } = place;
    looked.push({ python: path === name ? name : `${path} (${name})`, reason: found });
  }
  return { looked };
}

/** The environment at a place, or why there is none. */
async function look(place: Place, env: Env): Promise<PythonEnvironment | string> {
  if (place.path === undefined) return place.missing!;
  const given = interpreterAt(place.path);
  if ("problem" in given) return given.problem;
  try {
    const distrusted = distrustedInterpreter(given.python, env);
    if (distrusted) return distrusted;
    const facts = await factsOf(given.python);
    const wrapped = facts.python === given.python
      ? undefined
      : distrustedInterpreter(facts.python, env);
    return wrapped ?? unsuitable(facts) ?? environment(facts, place.name);
  } catch (error) {
    return messageOf(error);
  }
}

/** The interpreter at a path, which may be that of a virtual environment. */
function interpreterAt(path: string): { python: string } | { problem: string } {
  const info = statOf(path);
  if (!info) return { problem: isLink(path) ? gone(path) : "no such file or folder" };
  if (!info.isDirectory) return { python: path };
  const python = join(path, "bin/python");
  if (exists(python)) return { python };
  return {
    problem: isLink(python) ? gone(python) : "expected a virtual environment with bin/python",
  };
}

function gone(python: string): string {
  return `${python} leads to an interpreter that is gone; make the environment again`;
}

function unsuitable({ version, jumpstarter }: Facts): string | undefined {
  const [major, minor] = version;
  if (major !== OLDEST[0] || minor! < OLDEST[1]) {
    return `expected Python ${OLDEST.join(".")} or later, found ${version.join(".")}`;
  }
  if (jumpstarter === null) return "the package jumpstarter is not installed there";
  if (!TOO_OLD.test(jumpstarter)) return undefined;
  return `expected the package jumpstarter 0.8 or later, found ${jumpstarter}`;
}

function environment(facts: Facts, place: string): PythonEnvironment {
  return {
    python: facts.python,
    version: facts.version.join("."),
    jumpstarter: facts.jumpstarter!,
    place,
    has: (module) => has(facts, module),
  };
}

/** Modules that were asked for and are not in a folder: other code may provide them. */
const unlisted = new WeakMap<Facts, Map<string, Promise<boolean>>>();

function has(facts: Facts, module: string): Promise<boolean> {
  if (facts.modules.has(module)) return Promise.resolve(true);
  const asked = unlisted.get(facts) ?? new Map<string, Promise<boolean>>();
  unlisted.set(facts, asked);
  const answer = asked.get(module) ?? findsModule(facts.python, module).catch(() => false);
  asked.set(module, answer);
  return answer;
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
