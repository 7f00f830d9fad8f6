/** Why a Python driver cannot be hosted, and the commands that install it. @module */
import type { NoEnvironment, PythonEnvironment } from "./environment.ts";
import { dirname } from "node:path";
import { shellWord } from "../../text/shell_word.ts";
import { packageOf, TESTED_VERSION } from "./packages.ts";
import { CONFIGURED } from "../../python/places.ts";

/**
 * Explains that the package of a type is missing.
 *
 * @param found the environment without the package, or the interpreters that were looked at.
 */
export function missingReason(type: string, found: PythonEnvironment | NoEnvironment): string {
  const { distribution, official } = packageOf(type);
  if ("python" in found) {
    const { python, version, jumpstarter, place } = found;
    const wanted = official && jumpstarter !== "unknown"
      ? `${distribution}==${jumpstarter}`
      : distribution;
    return `the Python driver '${type}' needs the package ${distribution}, which is not installed ` +
      `for ${python} (${place}; Python ${version}, jumpstarter ${jumpstarter}); ` +
      installs(targetOf(found) + type, `${shellWord(python)} -m pip install ${wanted}`);
  }
  const looked = found.looked.map(({ python, reason }) => `${python}: ${reason}`).join("; ");
  const core = `jumpstarter==${TESTED_VERSION}`;
  const pinned = official ? `${distribution}==${TESTED_VERSION}` : distribution;
  return `the Python driver '${type}' needs a Python environment with the package jumpstarter, ` +
    `found none (${looked}); ` +
    installs(type, `pip install ${[...new Set([core, pinned])].join(" ")}`);
}

/** The option for an environment that only the config names. */
function targetOf({ python, place }: PythonEnvironment): string {
  return place === CONFIGURED ? `--target ${shellWord(dirname(dirname(python)))} ` : "";
}

function installs(what: string, pip: string): string {
  return `run: jmp driver install ${what} (or: ${pip})`;
}
