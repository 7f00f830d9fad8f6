/** Finds the Python drivers that entries name, and the processes that host them. @module */
import { dirname } from "node:path";
import type { DriverLog } from "../../driver/mod.ts";
import type { DriverEntry, Entry, HostedDriver } from "../../tree/entry.ts";
import type { HostedConfig, HostedEntry, ProcessFinder, ProcessHosts } from "../../tree/loader.ts";
import { DriverError, messageOf, NotSupported } from "../../wire/error.ts";
import { adoption, withAdopted } from "./adoption.ts";
import { findPython, type NoEnvironment, type PythonEnvironment } from "./environment.ts";
import { missingReason } from "./missing.ts";
import type { Env } from "../../python/places.ts";
import { readPythonKey } from "./python_key.ts";
import { packageOf } from "./packages.ts";
import { pythonOf, PythonProcess, type UsedDriver } from "./python_process.ts";
import { WarmPython } from "./warm_python.ts";

/** What Python drivers need. */
export interface PythonDriversOptions {
  readonly env: Env;
  readonly log: DriverLog;
}

/** The Python drivers of this host. Configs with one interpreter share a warm process of it. */
export class PythonDrivers implements ProcessHosts, AsyncDisposable {
  readonly #options: PythonDriversOptions;
  readonly #warm = new Map<string, WarmPython>();

  constructor(options: PythonDriversOptions) {
    this.#options = options;
  }

  forConfig(config: HostedConfig): ProcessFinder {
    return new PythonFinder(config, this.#options.env, (found) => this.#host(found));
  }

  /** Ends the warm processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#warm.values()].map((warm) => warm[Symbol.asyncDispose]()));
  }

  #host(environment: PythonEnvironment): WarmPython {
    const { python } = environment;
    const known = this.#warm.get(python);
    if (known) return known;
    const { log } = this.#options;
    const warm = new WarmPython({
      environment,
      onTrouble: (message) => log.warning(message),
      onLine: (line) => log.info(`${python}: ${line}`),
    });
    this.#warm.set(python, warm);
    return warm;
  }
}

type MakeHost = (environment: PythonEnvironment) => WarmPython;

class PythonFinder implements ProcessFinder {
  readonly #config: HostedConfig;
  readonly #env: Env;
  readonly #host: MakeHost;
  #environment: Promise<PythonEnvironment | NoEnvironment> | undefined;
  /** The process of all drivers without one of their own. */
  #shared: PythonProcess | undefined;

  constructor(config: HostedConfig, env: Env, host: MakeHost) {
    this.#config = config;
    this.#env = env;
    this.#host = host;
  }

  async claim(entry: HostedEntry): Promise<HostedDriver | DriverError | undefined> {
    try {
      return readPythonKey(entry.value.python) && await this.find(entry);
    } catch (error) {
      return asError(error);
    }
  }

  async find({ type, value, path }: HostedEntry): Promise<HostedDriver | DriverError | undefined> {
    try {
      const { own, limits } = readPythonKey(value.python) ?? { own: false, limits: {} };
      const found = await this.#find();
      if (!("python" in found) || !await found.has(packageOf(type).module)) {
        return new NotSupported(missingReason(type, found));
      }
      const { text } = this.#config;
      const warm = this.#host(found);
      const make = (name: string) => new PythonProcess({ warm, text, limits, name });
      if (own) return { process: make(`the Python driver '${path}'`) };
      return { process: this.#shared ??= make("the Python drivers") };
    } catch (error) {
      return asError(error);
    }
  }

  async adopt(entries: readonly Entry[], exported: unknown): Promise<readonly Entry[]> {
    if (!usesPython(entries)) return entries;
    const found = await this.#find();
    const hasClass = async (type: string) =>
      "python" in found && await found.has(packageOf(type).module);
    const { adopted, standIns } = await adoption(entries, hasClass);
    const all = withAdopted(entries, adopted);
    for (const { entry, keys, above } of walk(all, exported, [])) {
      const process = pythonOf(entry.entry);
      if (process && process !== above) process.add({ path: keys, value: entry.value });
      for (const user of standIns.get(keys.join(".")) ?? []) user.use(usedDriver(keys, entry));
    }
    return all;
  }

  #find(): Promise<PythonEnvironment | NoEnvironment> {
    const { python: configured, file } = this.#config;
    return this.#environment ??= findPython({ env: this.#env, configured, folder: dirname(file) });
  }
}

function usesPython(entries: readonly Entry[]): boolean {
  return entries.some((entry) =>
    entry.kind === "driver" && (pythonOf(entry) !== undefined || usesPython(entry.children))
  );
}

/** An entry, and its value in the file. */
interface Valued {
  readonly entry: DriverEntry;
  readonly value: unknown;
}

function usedDriver(keys: readonly string[], { entry, value }: Valued): UsedDriver {
  const config = memberOf(value, "config");
  const client = "manifest" in entry.source ? entry.source.manifest.client : undefined;
  const isMap = typeof config === "object" && config !== null && !Array.isArray(config);
  const attributes = isMap ? config as UsedDriver["config"] : {};
  return { path: keys.join("."), uuid: entry.uuid, client, config: attributes };
}

interface Walked {
  readonly entry: Valued;
  readonly keys: readonly string[];
  /** The process of the entry around it. */
  readonly above: PythonProcess | undefined;
}

/** Every driver entry with its value in the file. */
function* walk(
  entries: readonly Entry[],
  values: unknown,
  parent: readonly string[],
  above?: PythonProcess,
): Generator<Walked> {
  for (const entry of entries) {
    if (entry.kind === "proxy") continue;
    const keys = [...parent, entry.name];
    const value = memberOf(values, entry.name);
    yield { entry: { entry, value }, keys, above };
    yield* walk(entry.children, memberOf(value, "children"), keys, pythonOf(entry));
  }
}

/** An entry of the file may be anything. */
function memberOf(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[name];
}

function asError(error: unknown): DriverError {
  return error instanceof DriverError ? error : new DriverError(messageOf(error));
}
