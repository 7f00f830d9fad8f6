/** What a child of the warm interpreter is started with. @module */
import type { Identity } from "../../tree/uuid.ts";

/** What a child serves. */
export interface PythonChildOptions {
  /** The exporter's. */
  readonly identity: Identity;
  /** The text of the config file, so that PyYAML reads it as it does for the official exporter. */
  readonly yaml: string;
  /** The entries to build: their names from the root, and their value as this program read it. */
  readonly entries: readonly PythonEntry[];
  /** Drivers of the exporter that Python drivers have as children or refer to. */
  readonly standIns?: readonly StandIn[];
  /** The path of the Unix socket where the exporter serves the stand-ins' drivers. */
  readonly parentSocket?: string;
  readonly limits?: PythonLimits;
  /** How long the child may take to start, and for each of its drivers, in ms. @default 30_000 */
  readonly startMs?: number;
  /** The paths of entries that failed the last time, which get less time; kept up to date. */
  readonly suspects?: Set<string>;
  /** Called with each record of Python's logging. */
  onRecord(record: PythonRecord): void;
  /** Called with each line that the child and what it starts write; with some, if there are many. */
  onLine(line: string): void;
}

/** An entry of the config. */
export interface PythonEntry {
  /** `["board", "power"]` for the entry `power` below `board`. */
  readonly path: readonly string[];
  /** JSON; used where PyYAML finds no such entry in the text. */
  readonly value: unknown;
}

/** A driver of the exporter in the tree of the child. */
export interface StandIn {
  /** Names joined by dots; of one name, if a `ref:` is to find it. */
  readonly path: string;
  readonly uuid: string;
  /** Its values are attributes of the stand-in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The client class for the report. */
  readonly client?: string;
}

/** Limits of a child with all that it starts. */
export interface PythonLimits {
  /** In bytes. */
  readonly memory?: number;
  /** In percent of one processor; only where the system delegates a control group. */
  readonly cpu?: number;
}

/** A record of Python's logging. */
export interface PythonRecord {
  /** The path of the driver, if a driver's logger has written it. */
  readonly path: string | null;
  readonly level: "debug" | "info" | "warning" | "error" | "critical";
  readonly message: string;
  /** The name of the Python logger: `driver.board.power`, `httpx`. */
  readonly logger: string;
  /** In seconds since 1970. */
  readonly time: number;
}
