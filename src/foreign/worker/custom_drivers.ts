/** Finds custom drivers by type or by file. @module */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DriverError, type DriverLog, type DriverManifest, messageOf } from "../../driver/mod.ts";
import type { DriverLoader } from "../../tree/loader.ts";
import type { JsonSchema } from "../../driver/json_schema.ts";
import { describeConfig, workerManifest } from "./manifest.ts";
import { isDriverFile, listDriverFiles, secureFile } from "./files.ts";
import { BOUNDS, type Bounds } from "./driver_worker.ts";
import { DriverHost } from "./driver_host.ts";
import type { DriverSummary } from "./protocol.ts";
import { referTo } from "./reference.ts";
import { type Survey, survey } from "./survey.ts";

/** How custom drivers are found. */
export interface CustomDriversOptions {
  /** Folders with driver files; if two declare the same type, the first folder wins. */
  readonly dirs: readonly string[];
  /** Receives one warning for each file that cannot be used. */
  readonly log?: Pick<DriverLog, "warning">;
  /** @default BOUNDS */
  readonly bounds?: Partial<Bounds>;
}

/** A driver that a file defines. */
export interface CustomDriver {
  readonly path: string;
  readonly summary: DriverSummary;
}

/** A driver and the schema of its config, if that can be told. */
export interface DescribedCustomDriver extends CustomDriver {
  readonly schema: JsonSchema | undefined;
}

interface Located extends CustomDriver {
  readonly host: DriverHost;
}

/** How long the survey of the folders is reused, in milliseconds. */
const SURVEY_MS = 5_000;

/** Custom drivers, each file in a worker of its own. Disposing it stops all of them. */
export class CustomDrivers implements DriverLoader, AsyncDisposable {
  readonly #options: CustomDriversOptions;
  readonly #bounds: Bounds;
  readonly #hosts = new Map<string, DriverHost>();
  readonly #warned = new Set<string>();
  #disposed = false;
  #surveys: { readonly until: number; readonly found: Promise<readonly Survey[]> } | undefined;

  constructor(options: CustomDriversOptions) {
    this.#options = options;
    this.#bounds = { ...BOUNDS, ...options.bounds };
  }

  async find(type: string, configFile: string): Promise<DriverManifest | DriverError | undefined> {
    const found = await this.#locate(type, configFile);
    if (!found || found instanceof DriverError) return found;
    return workerManifest(found.host, found.summary, type);
  }

  /** The drivers of the folders, in the order in which they are searched. */
  async list(): Promise<readonly CustomDriver[]> {
    return (await this.#survey()).flatMap(({ path, summaries }) =>
      summaries.map((summary) => ({ path, summary }))
    );
  }

  /** Describes the driver that `find` finds for a type. */
  async describe(
    type: string,
    configFile: string,
  ): Promise<DescribedCustomDriver | DriverError | undefined> {
    const found = await this.#locate(type, configFile);
    if (!found || found instanceof DriverError) return found;
    try {
      return { ...found, schema: await describeConfig(found.host, found.summary.ref) };
    } catch (error) {
      return new DriverError(messageOf(error));
    }
  }

  async #locate(type: string, configFile: string): Promise<Located | DriverError | undefined> {
    try {
      const reference = parseReference(type, configFile);
      return reference ? await this.#refer(reference) : await this.#search(type);
    } catch (error) {
      if (error instanceof DriverError) return error;
      return new DriverError(`Cannot find the driver ${type}: ${messageOf(error)}`);
    }
  }

  async #refer({ path, name }: Reference): Promise<Located> {
    const host = this.#host(secureFile(path));
    return { path, host, summary: await referTo(host, path, name) };
  }

  async #search(type: string): Promise<Located | DriverError | undefined> {
    const surveys = await this.#survey();
    const answers = surveys.flatMap(({ path, host, summaries }) =>
      summaries.filter((summary) => summary.type === type)
        .map((summary) => ({ path, host, summary }))
    );
    const [first, second] = answers;
    if (second) this.#warn(`${second.path} declares ${type} again; ${first!.path} is used`);
    return first ?? surveys.flatMap(({ problems }) => problems)
      .find((problem) => problem.type === type)?.error;
  }

  /** Reading a config looks up many types, which share a survey. */
  #survey(): Promise<readonly Survey[]> {
    if (!this.#surveys || this.#surveys.until < Date.now()) {
      this.#surveys = { until: Date.now() + SURVEY_MS, found: this.#readDirs() };
    }
    return this.#surveys.found;
  }

  async #readDirs(): Promise<readonly Survey[]> {
    const folders = await Promise.all(this.#options.dirs.map((dir) => this.#list(dir)));
    const surveys = await Promise.all(folders.flat().map((path) => this.#readFile(path)));
    return surveys.filter((found) => found !== undefined);
  }

  async #list(dir: string): Promise<string[]> {
    try {
      return await listDriverFiles(dir);
    } catch (error) {
      this.#warn(messageOf(error));
      return [];
    }
  }

  async #readFile(path: string): Promise<Survey | undefined> {
    try {
      const found = await survey(this.#host(secureFile(path)), path);
      for (const { error } of found.problems) this.#warn(error.message);
      return found;
    } catch (error) {
      this.#warn(messageOf(error));
      return undefined;
    }
  }

  #host(path: string): DriverHost {
    const known = this.#hosts.get(path);
    if (known) return known;
    if (this.#disposed) throw new DriverError("the exporter is shutting down");
    const host = new DriverHost(path, this.#bounds);
    this.#hosts.set(path, host);
    return host;
  }

  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.log?.warning(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const host of this.#hosts.values()) host[Symbol.dispose]();
    await this.#surveys?.found;
  }
}

interface Reference {
  readonly path: string;
  readonly name: string;
}

/** `./file.ts#Name`, `/file.ts` or `file:///file.ts`; undefined for a dotted type. */
function parseReference(type: string, configFile: string): Reference | undefined {
  const [file = "", name = "default"] = type.split(/#(.*)/s);
  if (!isDriverFile(file) && !/[/#]/.test(type)) return undefined;
  if (!isDriverFile(file)) {
    throw new DriverError(
      `Cannot load the driver ${type}: expected a .ts, .js or .mjs file, found '${file}'`,
    );
  }
  const path = file.startsWith("file:") ? fileURLToPath(file) : resolve(dirname(configFile), file);
  return { path, name };
}
