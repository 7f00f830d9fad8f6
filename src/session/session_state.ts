/** The part of a session that its services use. @module */
import type { Log } from "../log/log.ts";
import type { DriverInstances } from "../tree/instances.ts";
import type { EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { LogBacklog } from "./logs.ts";
import type { StreamFailures } from "./stream_failures.ts";
import type { SessionStatus } from "./status.ts";
import type { ReaderCall, StatusReaders } from "./status_readers.ts";

/** @see module */
export interface SessionState {
  readonly uuid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly drivers: DriverInstances;
  readonly status: SessionStatus;
  readonly logs: LogBacklog;
  readonly log: Log;
  readonly streamFailures: StreamFailures;
  readonly motd: string;
  /** The clients for which the exporter keeps a final status. @default none: hooks, for example */
  readonly readers?: StatusReaders;
  /** Waits until drivers may be called. @throws {ExporterNotReady} */
  admit(call: ReaderCall): Promise<void>;
  endSession(): EndSessionResponse;
  /** Called for each call and byte stream of a driver, if given. */
  onCall?(uuid: string, method: string): void;
}
