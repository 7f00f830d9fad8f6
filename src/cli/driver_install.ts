/** `jmp driver install`: makes or completes the Python environment of drivers. @module */
import { Command, Option } from "commander";
import { dirname, resolve } from "node:path";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { formatDiagnostic } from "../config/yaml/diagnostics.ts";
import { listConfigs } from "../config/lookup.ts";
import { lockFolder } from "../foreign/python/install/lock.ts";
import { type InstallOptions, planInstall } from "../foreign/python/install/plan.ts";
import { targetFolder } from "../foreign/python/install/target.ts";
import { WantedPython } from "../foreign/python/install/wanted.ts";
import { makeParent } from "../foreign/python/install/venv.ts";
import type { PlaceOptions } from "../python/places.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import { CliError, openLog, print, printError } from "./common.ts";
import { availableDrivers, type ConfigDrivers, findByName, readExporter } from "./configs.ts";
import { carryOut, showPlan } from "./driver_install_run.ts";
import { environment } from "./environment.ts";
import type { Finish } from "./finish.ts";
import { addArgument, addTypes, noNeeds, type PythonNeeds } from "./python_needs.ts";

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

/** What is needed, by the folder of the environment. */
type Wanted = ReadonlyMap<string, PythonNeeds>;

/** @returns 0 if all that is needed is installed, else 1. */
async function install(what: string[], flags: Flags, log: Log): Promise<number> {
  try {
    const { wanted, complete } = await collect(what, flags, log);
    if (wanted.size === 0 && complete) print("no config needs a Python driver: nothing to do");
    let done = complete;
    for (const [target, needs] of wanted) done = await installIn(target, needs, flags) && done;
    return done ? 0 : 1;
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(messageOf(error));
  }
}

async function installIn(target: string, needs: PythonNeeds, flags: Flags): Promise<boolean> {
  const env = environment();
  const { wheels, indexUrl, proxy, version, python } = flags;
  const { official, others, unknown } = needs;
  const source = { indexUrl, proxy, wheels: wheels === undefined ? undefined : resolve(wheels) };
  const options: InstallOptions = {
    env,
    target,
    official,
    others,
    version,
    base: python,
    source,
  };
  if (flags.dryRun) return await showPlan({ plan: await planInstall(options), options, unknown });
  // Exporters of other users use it, too.
  Deno.umask(0o022);
  const parent = await makeParent(target, env);
  const waits = () => printError(`waiting for another installation in ${parent} to end`);
  using _lock = await lockFolder(parent, waits);
  return await carryOut({ plan: await planInstall(options), options, unknown });
}

interface Collected {
  readonly wanted: Wanted;
  /** Whether all configs could be read. */
  readonly complete: boolean;
}

async function collect(what: string[], flags: Flags, log: Log): Promise<Collected> {
  const env = environment();
  const wanted = new Map<string, PythonNeeds>();
  const needsOf = (place: Omit<PlaceOptions, "env">): PythonNeeds => {
    const { target } = flags;
    const folder = target === undefined ? targetFolder({ ...place, env }) : resolve(target);
    const needs = wanted.get(folder) ?? noNeeds();
    wanted.set(folder, needs);
    return needs;
  };
  const isFile = (argument: string) => argument.includes("/") || /\.ya?ml$/.test(argument);
  for (const one of what) if (!isFile(one)) addArgument(needsOf({}), one);
  const files = await chosenFiles(what.filter(isFile), what.length === 0, flags.exporter, env);
  await using drivers = availableDrivers(log);
  let complete = true;
  for (const file of files) {
    const hosts = new WantedPython();
    const config = await readConfig(file, { ...drivers, hosts });
    complete &&= config !== undefined;
    const types = config ? hosts.types(config.export) : new Set<string>();
    const place = { configured: config?.python, folder: dirname(file) };
    if (types.size > 0) addTypes(needsOf(place), types);
  }
  return { wanted, complete };
}

/** The configs to read: all of this host, unless some are named. */
async function chosenFiles(
  files: readonly string[],
  isAll: boolean,
  exporter: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  if (exporter !== undefined) return [await findByName(exporter, env), ...files];
  if (!isAll) return files;
  const all = (await listConfigs(env)).map(({ file }) => file);
  if (all.length > 0) return all;
  throw new CliError("there are no exporter configs; name what to install: FILE or TYPE");
}

/** @returns undefined if the config cannot be used; why is printed. */
async function readConfig(
  file: string,
  drivers: ConfigDrivers,
): Promise<ExporterConfig | undefined> {
  try {
    const { config, diagnostics } = await readExporter(file, drivers);
    if (!config) diagnostics.forEach((diagnostic) => printError(formatDiagnostic(diagnostic)));
    return config;
  } catch (error) {
    printError(`jmp: ${messageOf(error)}`);
    return undefined;
  }
}
