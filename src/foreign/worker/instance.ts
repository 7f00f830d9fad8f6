/** In the worker: one open driver. @module */
import {
  type Driver,
  type DriverDefinition,
  DriverError,
  type DriverLog,
  type z,
} from "../../driver/mod.ts";
import { asDriver } from "../../driver/methods.ts";
import { NO_PARTS } from "./definition_shape.ts";
import type { OpenRequest } from "./protocol.ts";
import type { Served } from "./served_drivers.ts";

/** The exporter's services for an instance. */
export interface Outside {
  readonly log: DriverLog;
  /** A child driver. */
  child(name: string): Driver;
}

/** One open driver: its lease, its scope and its methods. */
export class Instance implements Served {
  readonly #lease = new AbortController();
  readonly #closed = new AbortController();
  readonly #scope = new AsyncDisposableStack();
  #driver: Driver = asDriver({}, "a driver that is not open");

  /** The open driver. */
  get driver(): Driver {
    return this.#driver;
  }

  /** @see Served */
  get lease(): AbortSignal {
    return this.#lease.signal;
  }

  /** @see Served */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Opens the driver. */
  async open(
    definition: DriverDefinition<z.ZodType>,
    { type, config, path, children }: OpenRequest,
    { log, child }: Outside,
  ): Promise<void> {
    const opened = await definition.open({
      config: await definition.config.parseAsync(config),
      path,
      log,
      scope: this.#scope,
      signal: this.#lease.signal,
      children: new Map(children.map((name) => [name, child(name)])),
    });
    if (typeof opened === "object" && opened !== null && "parts" in opened) {
      throw new DriverError(`found 'parts' in what open() returned; ${NO_PARTS}`);
    }
    this.#driver = asDriver(opened, `'${path}' (${type})`);
  }

  /** Signals the end of the lease to the driver. */
  abort(): void {
    this.#lease.abort();
  }

  /** Ends the lease and releases the driver's resources. */
  async close(): Promise<void> {
    this.abort();
    this.#closed.abort();
    await this.#scope.disposeAsync();
  }
}
