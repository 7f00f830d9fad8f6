/**
 * The interface to processes that serve drivers: all Python drivers of a config, or a program in
 * any language. One process is started for each lease.
 *
 * @module
 */
import type { Driver } from "../driver/driver.ts";
import type { DriverLog } from "../driver/manifest.ts";
import type { CallSettings } from "../wire/grpc/client.ts";
import type { ClientCall } from "../wire/grpc/client_call.ts";
import type { Status } from "../wire/grpc/status.ts";
import type { HostedReport } from "./hosted.ts";
import type { Identity } from "./uuid.ts";

/** Starts a process that serves drivers; entries with the same value share it. */
export interface DriverProcess {
  /** Names the process in messages: `the Python drivers`, `/opt/relay --fast`. */
  readonly name: string;
  /** Variables by which a client on this host finds the code for its drivers. */
  readonly clientVariables?: Readonly<Record<string, string>>;
  /** Looks whether it has the class of a driver; touches no hardware. @throws why it has not */
  probe?(type: string): Promise<void>;
  /** Starts the process for one lease. Returns at once, and never throws. */
  start(options: StartOptions): RemoteDrivers;
}

/** What a process is started with. */
export interface StartOptions {
  readonly identity: Identity;
  /** The paths of the entries that it serves. */
  readonly paths: readonly string[];
  /** The log of the driver at a path; of the process, if there is no path. */
  readonly log: (path?: string) => DriverLog;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** How long it may take until it serves, in ms. */
  readonly openTimeoutMs: number;
  /** How long its drivers may take to close, in ms. */
  readonly closeTimeoutMs: number;
  /** The path of a Unix socket where the exporter serves its own drivers, opened at the first call. */
  exporterSocket(): Promise<string>;
  /** Called when the process has ended in the lease, with the reason, and when it serves again. */
  onRunning(problem: Error | undefined): void;
}

/** The drivers of a process in one lease. Disposing it ends the process. Calls start it again. */
export interface RemoteDrivers extends AsyncDisposable {
  /** What the process reported when it was first started; rejects if it could not be. */
  readonly report: Promise<HostedReport>;
  /** The driver with `uuid`, for calls of the exporter's own drivers. */
  driver(uuid: string): Driver;
  /**
   * Opens a call of a client for the driver with `uuid`.
   *
   * @param settings makes the settings from the uuid by which the process knows the driver; it may
   *   be another one each time that the process is started.
   * @throws {DriverError} UNAVAILABLE with the reason, if the process has ended too often.
   */
  open(
    path: string,
    uuid: string,
    settings: (remoteUuid: string) => CallSettings,
  ): Promise<RemoteCall>;
}

/** A call of a driver in another process. */
export interface RemoteCall {
  readonly call: ClientCall;
  /** The error for the client, if the call has failed: why the process ended, if that is the reason. */
  explain(status: Status): Promise<Error>;
}
