/** The process that hosts Python drivers of one config. @module */
import { withDeadline } from "../../base/deadline.ts";
import type { StartOptions } from "../../tree/driver_process.ts";
import { driverUuid } from "../../tree/uuid.ts";
import type { Launch } from "../process/launched.ts";
import { writeRecord } from "../process/process_log.ts";
import { ProcessPerLease } from "../process/process_per_lease.ts";
import { launchPython } from "./launch.ts";
import type { PythonEntry, PythonLimits, PythonRecord } from "./child_options.ts";
import { throttle } from "../throttle.ts";
import type { DriverEntry } from "../../tree/entry.ts";
import type { WarmPython } from "./warm_python.ts";

/** What a process hosts its drivers with. */
export interface PythonProcessOptions {
  readonly warm: WarmPython;
  /** The text of the config: Python reads it, so that values are those of the official exporter. */
  readonly text: string;
  readonly limits: PythonLimits;
  /** Names it in messages. */
  readonly name: string;
}

/** A driver of this program that Python drivers use. */
export interface UsedDriver {
  readonly path: string;
  /** From the config. */
  readonly uuid?: string | undefined;
  readonly client?: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The types of an entry and of those below it. */
function* typesOf(value: unknown): Generator<string> {
  const { type, children } = (value ?? {}) as { type?: unknown; children?: unknown };
  if (typeof type === "string") yield type;
  for (const child of Object.values(children ?? {})) yield* typesOf(child);
}

/** @see module */
export class PythonProcess extends ProcessPerLease {
  readonly name: string;
  readonly clientVariables: Readonly<Record<string, string>>;
  readonly #options: PythonProcessOptions;
  readonly #entries: PythonEntry[] = [];
  readonly #used: UsedDriver[] = [];
  readonly #suspects = new Set<string>();

  constructor(options: PythonProcessOptions) {
    super();
    this.#options = options;
    const { python } = options.warm.environment;
    this.name = `${options.name} (${python})`;
    this.clientVariables = { JMP_PYTHON: python };
  }

  /** Adds an entry whose driver is built here with everything below it, when the config is read. */
  add(entry: PythonEntry): void {
    this.#entries.push(entry);
  }

  /** Adds a driver of this program that the drivers here use, when the config is read. */
  use(driver: UsedDriver): void {
    this.#used.push(driver);
  }

  /** Imports the class. */
  async probe(type: string): Promise<void> {
    const { problems } = await this.#options.warm.importTypes([type]);
    const problem = problems.get(type);
    if (problem) throw problem;
  }

  protected override launch(options: StartOptions): Launch {
    const { identity, log, openTimeoutMs } = options;
    const { warm, text, limits } = this.#options;
    const standIns = this.#used.map(({ path, uuid, client, config }) => ({
      path,
      uuid: uuid ?? driverUuid(identity, path),
      config,
      ...(client !== undefined && { client }),
    }));
    const write = throttle<Pick<PythonRecord, "path" | "level">>(
      ({ path, level }, message) => writeRecord(options, path ?? undefined, level, message),
      (count) => log().warning(`${count} records were left out, because they came too fast`),
    );
    return async (signal) => {
      const types = this.#entries.flatMap(({ value }) => [...typesOf(value)]);
      await withDeadline(warm.importTypes(types), { signal });
      const parentSocket = standIns.length > 0 ? await options.exporterSocket() : undefined;
      const launch = launchPython(warm, {
        identity,
        yaml: text,
        entries: this.#entries,
        standIns,
        ...(parentSocket !== undefined && { parentSocket }),
        limits,
        startMs: openTimeoutMs,
        suspects: this.#suspects,
        onRecord: (record) => write(record, record.message),
        onLine: (line) => log().info(line),
      });
      return await launch(signal);
    };
  }
}

/** The process that hosts the driver of an entry, if it is a Python driver. */
export function pythonOf({ source }: DriverEntry): PythonProcess | undefined {
  return "process" in source && source.process instanceof PythonProcess
    ? source.process
    : undefined;
}
