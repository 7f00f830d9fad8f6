/** The program of an entry, as the process that serves its driver. @module */
import type { StartOptions } from "../../tree/driver_process.ts";
import { driverUuid } from "../../tree/uuid.ts";
import type { Launch } from "../process/launched.ts";
import { writeRecord } from "../process/process_log.ts";
import { ProcessPerLease } from "../process/process_per_lease.ts";
import { KeptProcess } from "./kept.ts";
import { execLaunch } from "./launch.ts";
import type { ExecProgram } from "./program.ts";

/** The entry of a program. */
export interface ExecProcessOptions {
  readonly program: ExecProgram;
  /** The name of the entry. */
  readonly entryName: string;
  /** Its names from the root, joined by dots. */
  readonly path: string;
  /** The uuid that the config gives it. */
  readonly uuid?: string | undefined;
  /** The folder of the config file. */
  readonly folder: string;
}

/** @see module */
export class ExecProcess extends ProcessPerLease {
  readonly name: string;
  readonly #options: ExecProcessOptions;
  #kept: KeptProcess | undefined;
  /** Where records go: to the present lease, also those of a program that is kept. */
  #lease: StartOptions | undefined;

  constructor(options: ExecProcessOptions) {
    super();
    this.#options = options;
    this.name = `the program ${options.program.command[0]} of '${options.path}'`;
  }

  /** Ends a program that is kept. Bounded, and never throws. */
  async dispose(graceMs: number): Promise<void> {
    await this.#kept?.dispose(graceMs);
  }

  protected override launch(options: StartOptions): Launch {
    this.#lease = options;
    if (!this.#options.program.keep) return this.#launch(options);
    return (this.#kept ??= new KeptProcess(this.#launch(options))).launch;
  }

  #launch({ identity }: StartOptions): Launch {
    const { program, entryName: name, path, uuid, folder } = this.#options;
    return execLaunch({
      program,
      identity,
      folder,
      name,
      path,
      uuid: (at) => at === path && uuid !== undefined ? uuid : driverUuid(identity, at),
      onRecord: ({ path, severity, message }) => writeRecord(this.#lease!, path, severity, message),
    });
  }
}
