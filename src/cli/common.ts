/** What the commands share: logs, configs, drivers. @module */
import { type Command, Option } from "commander";
import { manifests } from "../../drivers/mod.ts";
import { formatDiagnostic } from "../config/yaml/diagnostics.ts";
import { loadConfig, UnreadableConfig } from "../config/load.ts";
import { parseConfig, type ParsedConfig, type ParseOptions } from "../config/parse.ts";
import { driverDirs } from "../config/folders.ts";
import { findConfig } from "../config/lookup.ts";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { CustomDrivers } from "../foreign/worker/mod.ts";
import { createRegistry } from "../driver/manifest.ts";
import { Log, type Severity, stderrSink } from "../log/log.ts";
import { printableDocument, printableLines } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";
import { distrustedFiles } from "./config_trust.ts";
import { environment } from "./environment.ts";

/** A mistake of the user or of the world: printed as it is, without a stack. */
export class CliError extends Error {
  override name = "CliError";

  /** @param code what the process exits with */
  constructor(message: string, readonly code = 1) {
    super(message);
  }
}

/** The log that the global options ask for. */
export function openLog(command: Command): Log {
  const { logLevel, logFormat } = command.optsWithGlobals<
    { logLevel: Severity; logFormat: string }
  >();
  const json = logFormat === "json" || (logFormat === "auto" && !Deno.stderr.isTerminal());
  return new Log([stderrSink({ level: logLevel, format: json ? "json" : "text" })]);
}

/** Prints a document to standard output, where the command's result goes. */
export function print(text: string): void {
  writeAll(Deno.stdout, `${printableDocument(text)}\n`);
}

/** Prints a message to standard error. */
export function printError(message: string): void {
  writeAll(Deno.stderr, `${printableLines(redacted(message))}\n`);
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

/** Which exporter a command is about. */
export interface ConfigChoice {
  readonly exporter?: string;
  readonly exporterConfig?: string;
}

/** The two ways to name a config. */
export function configOptions(): Option[] {
  return [
    new Option(
      "--exporter <name>",
      "exporter config by name, from the user's or the system's folder",
    )
      .conflicts("exporterConfig"),
    new Option("--exporter-config <file>", "exporter config by path"),
  ];
}

/** A config with the drivers that it brought along; dispose it after the exporter. */
export interface LoadedExporter extends AsyncDisposable {
  readonly config: ExporterConfig;
}

/**
 * Loads the config that the options name and prints everything that is to be said
 * about it.
 *
 * @param strict whether it is refused where somebody else can change it.
 * @throws {CliError} when it has mistakes, or none is named.
 */
export async function loadExporter(
  choice: ConfigChoice,
  log: Log,
  strict = false,
): Promise<LoadedExporter> {
  const env = environment();
  const file = choice.exporterConfig ?? await findByName(choice.exporter, env);
  const loaded = await check(file, log, env, (options) => loadConfig(file, options));
  const problems = distrustedFiles(loaded.config, env);
  for (const problem of problems) log.warning(problem);
  if (!strict || problems.length === 0) return loaded;
  await loaded[Symbol.asyncDispose]();
  throw new CliError(`--strict: somebody else can change what ${file} says (see above)`);
}

/** Loads a config that is part of the program. */
export function loadBuiltIn(name: string, text: string, log: Log): Promise<LoadedExporter> {
  return check(name, log, {}, (options) => parseConfig(text, name, options));
}

async function check(
  file: string,
  log: Log,
  env: Readonly<Record<string, string>>,
  load: (options: ParseOptions) => Promise<ParsedConfig>,
): Promise<LoadedExporter> {
  const read = await readExporter(log, env, load).catch((error) => {
    throw error instanceof UnreadableConfig ? new CliError(error.message) : error;
  });
  for (const diagnostic of read.diagnostics) printError(formatDiagnostic(diagnostic));
  const { config } = read;
  if (config) return { config, [Symbol.asyncDispose]: () => read[Symbol.asyncDispose]() };
  await read[Symbol.asyncDispose]();
  const errors = read.diagnostics.filter(({ severity }) => severity === "error").length;
  throw new CliError(`${file} has ${errors === 1 ? "a mistake" : `${errors} mistakes`}`);
}

/** What is in a config, and what is to be said about it; dispose it when it is used no more. */
export interface ReadExporter extends ParsedConfig, AsyncDisposable {}

/** Reads a config, and prints nothing. */
export async function readExporter(
  log: Log,
  env: Readonly<Record<string, string>>,
  load: (options: ParseOptions) => Promise<ParsedConfig>,
): Promise<ReadExporter> {
  const loader = new CustomDrivers({ dirs: foldersOfDrivers(env), log });
  const dispose = () => loader[Symbol.asyncDispose]();
  try {
    const loaded = await load({ registry: createRegistry(manifests), loader, env });
    return { ...loaded, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function foldersOfDrivers(env: Readonly<Record<string, string>>): string[] {
  try {
    return driverDirs(env);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** @throws {CliError} when there is no such config. */
export async function findByName(
  name: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  if (name === undefined) {
    throw new CliError("name a config with --exporter NAME or --exporter-config FILE");
  }
  try {
    return await findConfig(name, env);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** Keeps a stray failure (of a custom driver, of a library) from ending every driver's session. */
export function surviveStrayErrors(log: Log): void {
  const survive = (event: Event, error: unknown) => {
    event.preventDefault();
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    log.critical(`Unexpected failure, carrying on: ${text}`);
  };
  globalThis.addEventListener("unhandledrejection", (event) => survive(event, event.reason));
  globalThis.addEventListener("error", (event) => survive(event, event.error));
}
