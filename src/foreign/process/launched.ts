/**
 * The interface to a process that serves drivers: ExporterService and RouterService on a Unix
 * socket, for one lease.
 *
 * @module
 */
import type { HostedReport } from "../../tree/hosted.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** `exit code 3`, `signal SIGKILL` */
  readonly how: string;
  /** The last lines that it wrote, oldest first; at most 10, of at most 200 characters each. */
  readonly lastLines: readonly string[];
}

/** A process that serves drivers. */
export interface Launched extends HostedReport {
  readonly pid: number;
  /** The path of the Unix socket on which it serves; it answers already. */
  readonly socket: string;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<ProcessEnd>;
  /**
   * Lets the process close its drivers, at most `graceMs`, then ends it together with everything
   * that it started. Resolves when nothing of it is left. Never throws.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Starts a process and waits until it serves its drivers.
 *
 * @throws {DriverError} with the reason, its last lines included, if it ends before or takes too
 *   long; nothing of it is left then.
 */
export type Launch = (signal: AbortSignal) => Promise<Launched>;
