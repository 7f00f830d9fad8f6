/** `jmp driver install`: makes or completes the Python environment of drivers. @module */
import { Command, Option } from "commander";
import { resolve } from "node:path";
import { formatDiagnostic } from "../config/yaml/diagnostics.ts";
import { listConfigs } from "../config/lookup.ts";
import { lockFolder } from "../foreign/python/install/lock.ts";
import { type InstallOptions, planInstall } from "../foreign/python/install/plan.ts";
import { targetFolder } from "../foreign/python/install/target.ts";
import { makeParent } from "../foreign/python/install/venv.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import { CliError, openLog, printError } from "./common.ts";
import { type AvailableDrivers, availableDrivers, findByName, readExporter } from "./configs.ts";
import { carryOut, showPlan } from "./driver_install_run.ts";
import { environment } from "./environment.ts";
import type { Finish } from "./finish.ts";
import { addArgument, addEntries, type PythonNeeds } from "./python_needs.ts";

interface Flags {
  readonly exporter?: string;
  readonly dryRun?: boolean;
  readonly version?: string;
  readonly indexUrl?: string;
  readonly proxy?: string;
  readonly wheels?: string;
  readonly python?: string;
  readonly target?: string;
}

/** Installs the Python packages that configs need. */
export function driverInstallCommand(finish: Finish): Command {
  const command = new Command("install")
    .description("install the Python packages of drivers that are not built in")
    .argument(
      "[what...]",
      "exporter configs by path, types of drivers, or names of packages; without any: all configs",
    )
    .option(
      "--exporter <name>",
      "exporter config by name, from the folder of the user or of the system",
    )
    .option("--dry-run", "show what would be done")
    .option("--version <version>", "version of the official packages")
    .option("--index-url <url>", "package index, instead of the one in pip's settings")
    .option("--proxy <url>", "proxy for the index, instead of the one in the environment")
    .addOption(
      new Option("--wheels <folder>", "folder of wheels to install from, without network")
        .conflicts(["indexUrl", "proxy"]),
    )
    .option("--python <file>", "interpreter that a new environment is made of")
    .option("--target <folder>", "environment to make or complete, instead of the site's");
  return command.action(async (what: string[], flags: Flags) => {
    finish(await install(what, flags, openLog(command)));
  });
}

/** @returns 0 if all that is needed is installed, else 1. */
async function install(what: string[], flags: Flags, log: Log): Promise<number> {
  const { needs, complete } = await collect(what, flags, log);
  if (!complete && needs.official.size + needs.others.length + needs.unknown.size === 0) return 1;
  const done = await installNeeds(needs, flags).catch((error) => {
    throw error instanceof CliError ? error : new CliError(messageOf(error));
  });
  return done && complete ? 0 : 1;
}

async function installNeeds(needs: PythonNeeds, flags: Flags): Promise<boolean> {
  const env = environment();
  const { target, wheels, indexUrl, proxy, version, python } = flags;
  const options: InstallOptions = {
    env,
    target: target === undefined ? targetFolder({ env }) : resolve(target),
    official: needs.official,
    others: needs.others,
    version,
    base: python,
    source: { indexUrl, proxy, wheels: wheels === undefined ? undefined : resolve(wheels) },
  };
  const { unknown } = needs;
  if (flags.dryRun) return await showPlan({ plan: await planInstall(options), options, unknown });
  // Exporters of other users use it, too.
  Deno.umask(0o022);
  const parent = await makeParent(options.target, env);
  const waits = () => printError(`waiting for another installation in ${parent} to end`);
  using _lock = await lockFolder(parent, waits);
  return await carryOut({ plan: await planInstall(options), options, unknown });
}

interface Collected {
  readonly needs: PythonNeeds;
  /** Whether all configs could be read. */
  readonly complete: boolean;
}

async function collect(what: string[], { exporter }: Flags, log: Log): Promise<Collected> {
  const env = environment();
  const needs: PythonNeeds = { official: new Set(), others: [], unknown: new Set() };
  const files = exporter === undefined ? [] : [await findByName(exporter, env)];
  for (const argument of what) {
    if (argument.includes("/") || /\.ya?ml$/.test(argument)) files.push(argument);
    else addArgument(needs, argument);
  }
  const all = what.length === 0 && exporter === undefined;
  if (all) files.push(...(await listConfigs(env)).map(({ file }) => file));
  if (all && files.length === 0) {
    throw new CliError("there are no exporter configs; name what to install: FILE or TYPE");
  }
  await using drivers = availableDrivers(log);
  let complete = true;
  for (const file of files) complete = await addConfig(needs, file, drivers) && complete;
  return { needs, complete };
}

/** @returns false if the config has errors, which are printed. */
async function addConfig(
  needs: PythonNeeds,
  file: string,
  drivers: AvailableDrivers,
): Promise<boolean> {
  try {
    const { config, diagnostics } = await readExporter(file, drivers);
    if (config) addEntries(needs, config.export);
    else diagnostics.forEach((diagnostic) => printError(formatDiagnostic(diagnostic)));
    return config !== undefined;
  } catch (error) {
    printError(`jmp: ${messageOf(error)}`);
    return false;
  }
}
