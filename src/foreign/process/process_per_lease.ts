/** A process that serves drivers, started anew for each lease. @module */
import type { DriverProcess, RemoteDrivers, StartOptions } from "../../tree/driver_process.ts";
import type { Launch } from "./launched.ts";
import { ServedProcess } from "./served_process.ts";

/** @see module */
export abstract class ProcessPerLease implements DriverProcess {
  /** Resolves when the process of the former lease is gone. */
  #former: Promise<void> = Promise.resolve();

  abstract readonly name: string;

  /** The function that starts the process for one lease. */
  protected abstract launch(options: StartOptions): Launch;

  start(options: StartOptions): RemoteDrivers {
    const launch = this.launch(options);
    // Drivers of the former lease may hold their devices until they are closed.
    const former = this.#former;
    const inTurn: Launch = async (signal) => {
      await former;
      return await launch(signal);
    };
    const served = new ServedProcess({ ...options, name: this.name, launch: inTurn });
    this.#former = served.closed;
    return served;
  }
}
