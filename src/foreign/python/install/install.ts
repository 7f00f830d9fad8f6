/** Carries out a plan: makes or completes an environment. @module */
import { join } from "node:path";
import { findsModule } from "../probe.ts";
import { type Plan, venvCommand } from "./plan.ts";
import { pipArguments, type PipSource, ProgramFailed, runWatched, type Watched } from "./pip.ts";
import { type Requirement, specifier } from "./requirements.ts";
import { makeEnvironment } from "./venv.ts";

/** How an installation is carried out. */
export interface Watching extends Watched {
  readonly source: PipSource;
  /** Called before each package; `number` counts from 1. */
  onPackage(requirement: Requirement, number: number): void;
}

/** A package that could not be installed; the others were. */
export interface Failure {
  readonly requirement: Requirement;
  readonly error: ProgramFailed;
}

/** Nothing can be hosted without it. */
const NEEDED = "jumpstarter";

/**
 * Carries out a plan. The caller holds the lock of the folder around the environment.
 *
 * @returns the packages that could not be installed; the others were.
 * @throws {ProgramFailed} if the environment cannot be made, or the official package not installed.
 * @throws the reason of the signal if that aborts; a new environment is removed then.
 */
export async function install(plan: Plan, watching: Watching): Promise<readonly Failure[]> {
  const { target, present, base } = plan;
  if (present.state === "usable") return await installIn(present.python, plan, watching);
  return await makeEnvironment({
    target,
    async fill(folder) {
      await runWatched(venvCommand(base!, folder, target), watching);
      return await installIn(join(folder, "bin/python"), plan, watching);
    },
  });
}

async function installIn(
  python: string,
  { requirements }: Plan,
  watching: Watching,
): Promise<Failure[]> {
  // Other tools make environments without it.
  if (!await findsModule(python, "pip")) {
    await runWatched([python, "-m", "ensurepip", "--default-pip"], watching);
  }
  const failures: Failure[] = [];
  for (const [index, requirement] of requirements.entries()) {
    watching.onPackage(requirement, index + 1);
    try {
      const args = pipArguments([specifier(requirement)], watching.source);
      await runWatched([python, ...args], watching);
    } catch (error) {
      if (!(error instanceof ProgramFailed) || requirement.distribution === NEEDED) throw error;
      failures.push({ requirement, error });
    }
  }
  return failures;
}

/** What the packages of an environment say against each other, a line each; usually nothing. */
export async function conflicts(python: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    await runWatched([python, "-m", "pip", "check"], { signal, onLine() {} });
    return [];
  } catch (error) {
    if (error instanceof ProgramFailed) return error.lines;
    throw error;
  }
}
