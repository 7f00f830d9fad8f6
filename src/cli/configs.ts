/** Selects and loads the config of a command, and prints its diagnostics. @module */
import { Option } from "commander";
import { manifests } from "../../drivers/mod.ts";
import { formatOnce } from "../config/yaml/repeats.ts";
import { withEmptiness } from "../config/empty.ts";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { driverDirs } from "../config/folders.ts";
import { loadConfig, UnreadableConfig } from "../config/load.ts";
import { findConfig, listConfigs } from "../config/lookup.ts";
import { parseConfig, type ParsedConfig, type ParseOptions } from "../config/parse.ts";
import { createRegistry } from "../driver/manifest.ts";
import { ForeignHosts } from "../foreign/foreign_hosts.ts";
import { CustomDrivers } from "../foreign/worker/mod.ts";
import type { Log } from "../log/log.ts";
import { CliError, printError } from "./common.ts";
import { distrustedFiles } from "./config_trust.ts";
import { environment } from "./environment.ts";

type Env = Readonly<Record<string, string>>;

/** The options that select an exporter. */
export interface ConfigChoice {
  readonly exporter?: string;
  readonly exporterConfig?: string;
}

/** The options that name a config: by its name or by its path. */
export function configOptions(): Option[] {
  return [
    new Option(
      "--exporter <name>",
      "exporter config by name, from the folder of the user or of the system",
    )
      .conflicts("exporterConfig"),
    new Option("--exporter-config <file>", "exporter config by path"),
  ];
}

/** The drivers that configs can name: one set for all configs of the process. */
export interface AvailableDrivers extends AsyncDisposable, Pick<ParseOptions, "registry"> {
  readonly loader: CustomDrivers;
  readonly hosts: ForeignHosts;
}

/**
 * Returns the built-in drivers, and custom ones by file or type. Dispose it after the exporters.
 *
 * @throws {CliError} if a folder of drivers that the environment names is not usable.
 */
export function availableDrivers(log: Log): AvailableDrivers {
  const loader = new CustomDrivers({ dirs: foldersOfDrivers(environment()), log });
  const registry = createRegistry(manifests);
  const hosts = new ForeignHosts({ env: environment(), log });
  return {
    registry,
    loader,
    hosts,
    async [Symbol.asyncDispose]() {
      await hosts[Symbol.asyncDispose]();
      await loader[Symbol.asyncDispose]();
    },
  };
}

/** How a config is loaded. */
export interface LoadOptions {
  readonly drivers: AvailableDrivers;
  readonly log: Log;
  /** Whether to refuse a config with errors, or that other users can change. @default false */
  readonly strict?: boolean;
}

/**
 * Loads the config that the options name and prints its diagnostics.
 *
 * @throws {CliError} if the config has errors, or the options name none.
 */
export async function loadExporter(
  choice: ConfigChoice,
  { drivers, log, strict = false }: LoadOptions,
): Promise<ExporterConfig> {
  const env = environment();
  const file = choice.exporterConfig ?? await findByName(choice.exporter, env);
  const parsed = await readExporter(file, drivers).catch((error) => {
    throw error instanceof UnreadableConfig ? new CliError(error.message) : error;
  });
  const config = usable(file, parsed, strict);
  const problems = distrustedFiles(config, env);
  for (const problem of problems) log.warning(problem);
  if (!strict || problems.length === 0) return config;
  throw new CliError(
    `--strict: not starting: other users can change ${file} or its token (see above)`,
  );
}

/** Loads a config that is part of the program. */
export async function loadBuiltIn(
  name: string,
  text: string,
  { registry, loader, hosts }: AvailableDrivers,
): Promise<ExporterConfig> {
  return usable(name, await parseConfig(text, name, { registry, loader, hosts, env: {} }));
}

/** The drivers that a config is read with. */
export type ConfigDrivers = Required<Omit<ParseOptions, "env">>;

/** Reads a config without printing. @throws {UnreadableConfig} if the file cannot be read. */
export async function readExporter(
  file: string,
  { registry, loader, hosts }: ConfigDrivers,
): Promise<ParsedConfig> {
  return await loadConfig(file, { registry, loader, hosts, env: environment() });
}

/** Prints the diagnostics. @throws {CliError} if the config cannot be used, or not strictly. */
function usable(
  file: string,
  parsed: ParsedConfig,
  strict = false,
): ExporterConfig {
  const { config } = parsed;
  const diagnostics = withEmptiness(parsed);
  // Those about the controller are printed when it is needed.
  formatOnce(diagnostics.filter(({ scope }) => scope !== "controller")).forEach(printError);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (config && !(strict && errors > 0)) return config;
  const reason = `${file} has ${errors === 1 ? "an error" : `${errors} errors`}`;
  throw new CliError(config ? `--strict: not starting: ${reason}` : reason);
}

function foldersOfDrivers(env: Env): string[] {
  try {
    return driverDirs(env);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** Finds the file of the config `name`. @throws {CliError} if there is none. */
export async function findByName(name: string | undefined, env: Env): Promise<string> {
  try {
    if (name !== undefined) return await findConfig(name, env);
    const known = (await listConfigs(env)).map(({ alias }) => alias).join(", ");
    throw new CliError(
      `which exporter? --exporter NAME${known && ` (${known})`} or --exporter-config FILE`,
    );
  } catch (error) {
    throw error instanceof CliError ? error : new CliError((error as Error).message);
  }
}
