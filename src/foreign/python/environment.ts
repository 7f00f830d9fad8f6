/** Finds the Python environment whose drivers are hosted. @module */
import { messageOf } from "../../wire/error.ts";
import { interpreterAt } from "./interpreter.ts";
import { type Env, type Place, type PlaceOptions, places } from "../../python/places.ts";
import { type Facts, findsModule } from "./probe.ts";

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

/** Releases of the package whose drivers cannot be hosted. */
const TOO_OLD = /^0\.[0-7](?:\.\d+)*$/;

/** Looks at the places in order. Runs an interpreter once, as long as its packages do not change. */
export async function findPython(
  options: PlaceOptions,
): Promise<PythonEnvironment | NoEnvironment> {
  const looked: { python: string; reason: string }[] = [];
  for (const place of places(options)) {
    try {
      return await environmentAt(place, options.env);
    } catch (error) {
      const { name, path = name } = place;
      const python = path === name ? name : `${path} (${name})`;
      looked.push({ python, reason: messageOf(error) });
    }
  }
  return { looked };
}

/** @throws {Error} with the reason, if there is none */
async function environmentAt(place: Place, env: Env): Promise<PythonEnvironment> {
  if (place.path === undefined) throw new Error(place.missing);
  const facts = await interpreterAt(place.path, env);
  const { jumpstarter } = facts;
  if (jumpstarter === null) throw new Error("the package jumpstarter is not installed there");
  if (TOO_OLD.test(jumpstarter)) {
    throw new Error(`expected the package jumpstarter 0.8 or later, found ${jumpstarter}`);
  }
  return {
    python: facts.python,
    version: facts.version.join("."),
    jumpstarter,
    place: place.name,
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
