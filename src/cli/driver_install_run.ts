/** Shows or carries out the plan of `jmp driver install`. @module */
import { adviceFor } from "../foreign/python/install/advice.ts";
import { conflicts, type Failure, install } from "../foreign/python/install/install.ts";
import { ProgramFailed } from "../foreign/python/install/pip.ts";
import { commandsOf, type InstallOptions, type Plan } from "../foreign/python/install/plan.ts";
import { specifier } from "../foreign/python/install/requirements.ts";
import { presentAt } from "../foreign/python/install/target.ts";
import { packageOf } from "../foreign/python/packages.ts";
import { findsModule } from "../foreign/python/probe.ts";
import { exitCode, onSignals } from "../base/signals.ts";
import { shellWord } from "../text/shell_word.ts";
import { redacted } from "../text/secrets.ts";
import { CliError, print, printError } from "./common.ts";
import { ProgressLine } from "./progress_line.ts";

/** The plan of an installation, and what it was made for. */
export interface PlannedInstall {
  readonly plan: Plan;
  readonly options: InstallOptions;
  /** Types in configs whose packages have unknown names. */
  readonly unknown: Iterable<string>;
}

/** Prints what would be done. @returns whether all that is needed would be installed. */
export async function showPlan(planned: PlannedInstall): Promise<boolean> {
  const { plan, options } = planned;
  if (plan.requirements.length === 0) print(nothingToDo(plan));
  else {
    print(`would ${describe(plan)}, by these commands:`);
    for (const command of commandsOf(plan, options.source)) {
      print(`  ${redacted(command.map(shellWord).join(" "))}`);
    }
  }
  return await tellUnknown(planned);
}

/** Installs what is missing. @returns whether all that is needed is installed. */
export async function carryOut(planned: PlannedInstall): Promise<boolean> {
  const { plan, options } = planned;
  if (plan.requirements.length === 0) {
    print(nothingToDo(plan));
    return await tellUnknown(planned);
  }
  print(`going to ${describe(plan)}`);
  const abort = new AbortController();
  using _signals = onSignals(["SIGINT", "SIGTERM", "SIGHUP"], (signal) => {
    abort.abort(new CliError(`interrupted by ${signal}`, exitCode(signal)));
  });
  const failures = await installShown(plan, options, abort.signal);
  for (const { requirement, error } of failures) {
    printError(`jmp: cannot install ${specifier(requirement)}: ${reason(error)}`);
  }
  await tellConflicts(options, abort.signal);
  const count = plan.requirements.length - failures.length;
  const packages = count === 1 ? "a package" : `${count} packages`;
  print(`${plan.target}: installed ${packages}; exporters that run use them after a restart`);
  return await tellUnknown(planned) && failures.length === 0;
}

/** Installs with a line of progress. */
async function installShown(
  plan: Plan,
  { source }: InstallOptions,
  signal: AbortSignal,
): Promise<readonly Failure[]> {
  using progress = new ProgressLine(plan.requirements.length);
  try {
    return await install(plan, {
      source,
      signal,
      onPackage: (requirement, number) => progress.step(number, specifier(requirement)),
      onLine: (line) => progress.detail(line),
    });
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    throw new CliError(`cannot install in ${plan.target}: ${reason(error)}`);
  }
}

function reason(error: ProgramFailed): string {
  const advice = adviceFor(error.lines);
  return [advice ?? error.message, ...error.lines].join("\n");
}

function describe({ target, present, base, version, versionReason }: Plan): string {
  const official = `jumpstarter ${version} (${versionReason})`;
  if (!base) return `complete ${target} with packages of ${official}`;
  const why = present.state === "broken" ? ` again (${present.reason})` : "";
  return `make ${target}${why} with ${base.python} (Python ${base.version}), ${official}`;
}

function nothingToDo({ target, version }: Plan): string {
  return `${target}: nothing to do, jumpstarter ${version} and all packages are installed`;
}

/** Packages that exclude each other may work nevertheless. */
async function tellConflicts({ target, env }: InstallOptions, signal: AbortSignal): Promise<void> {
  const present = await presentAt(target, env);
  if (present.state !== "usable") return;
  for (const line of await conflicts(present.python, signal)) printError(`jmp: pip check: ${line}`);
}

/** Names the types whose packages cannot be guessed. @returns whether there are none. */
async function tellUnknown({ options, unknown }: PlannedInstall): Promise<boolean> {
  const present = await presentAt(options.target, options.env);
  let complete = true;
  for (const type of unknown) {
    const { module } = packageOf(type);
    if (present.state === "usable" && await findsModule(present.python, module)) continue;
    complete = false;
    printError(
      `jmp: '${type}' is not an official driver, and the name of its package is unknown; if it is ` +
        `a Python driver, install its package: jmp driver install PACKAGE`,
    );
  }
  return complete;
}
