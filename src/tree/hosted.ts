/** What a process reports of the drivers that it serves. @module */
import type { DriverError } from "../wire/error.ts";

/** A driver that another process serves, as its report describes it. */
export interface HostedRow {
  /** Names from the root of the exporter, joined by dots: `board.storage`. */
  readonly path: string;
  /** That of the tree's node at `path`: the process derives it from the path, or is given it. */
  readonly uuid: string;
  /** The uuid by which the process knows the driver, unless it is `uuid`. */
  readonly remoteUuid?: string;
  /** All labels of the report except the name; the client class is among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
}

/** The drivers of one process. */
export interface HostedReport {
  /** Parents before children, in the order of the process's report. */
  readonly rows: readonly HostedRow[];
  /** Why an entry has no driver, by the path of the entry. The others work. */
  readonly problems: ReadonlyMap<string, DriverError>;
}
