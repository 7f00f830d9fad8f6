/** The processes that serve drivers of configs: programs of any language, and Python. @module */
import type { HostedConfig, ProcessFinder, ProcessHosts } from "../tree/loader.ts";
import type { DriverLog } from "../driver/mod.ts";
import { ExecDrivers } from "./exec/exec_drivers.ts";
import { PythonDrivers } from "./python/python_drivers.ts";

/** What the processes need. */
export interface ForeignHostsOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly log: DriverLog;
}

/** Disposing it ends what is kept between leases; dispose it after the exporters. */
export class ForeignHosts implements ProcessHosts, AsyncDisposable {
  readonly #python: PythonDrivers;
  readonly #programs = new ExecDrivers();

  constructor(options: ForeignHostsOptions) {
    this.#python = new PythonDrivers(options);
  }

  forConfig(config: HostedConfig): ProcessFinder {
    const programs = this.#programs.forConfig(config);
    const python = this.#python.forConfig(config);
    return {
      claim: async (entry) => await programs.claim(entry) ?? await python.claim(entry),
      find: (entry) => python.find(entry),
      adopt: async (entries, exported) =>
        await python.adopt(await programs.adopt(entries, exported), exported),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#python[Symbol.asyncDispose](), this.#programs[Symbol.asyncDispose]()]);
  }
}
