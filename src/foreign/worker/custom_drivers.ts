/** Finds custom drivers by type or by file. @module */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DriverError, type DriverLog, type DriverManifest, messageOf } from "../../driver/mod.ts";
import type { DriverLoader } from "../../tree/loader.ts";
import { workerManifest } from "./manifest.ts";
import { isDriverFile, listDriverFiles, secureFile } from "./files.ts";
import { BOUNDS, type Bounds } from "./driver_worker.ts";
import { DriverHost } from "./driver_host.ts";
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
    try {
      const reference = parseReference(type, configFile);
      return reference ? await this.#refer(type, reference) : await this.#search(type);
    } catch (error) {
      if (error instanceof DriverError) return error;
      return new DriverError(`Cannot find the driver ${type}: ${messageOf(error)}`);
    }
  }

  async #refer(type: string, { path, name }: Reference): Promise<DriverManifest> {
    const host = this.#host(secureFile(path));
    return workerManifest(host, await referTo(host, path, name), type);
  }

  async #search(type: string): Promise<DriverManifest | DriverError | undefined> {
    const surveys = await this.#survey();
    const answers = surveys.flatMap(({ path, host, summaries }) =>
      summaries.filter((summary) => summary.type === type)
        .map((summary) => ({ path, host, summary }))
    );
    const [first, second] = answers;
    if (second) this.#warn(`${second.path} declares ${type} again; ${first!.path} is used`);
    if (first) return workerManifest(first.host, first.summary, type);
    return surveys.flatMap(({ problems }) => problems)
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
