/** The interfaces of a source of leases and of a lease that it serves. @module */
import type { HookOutcome } from "../lease/hook/hook.ts";
import type { Checkpoint, HookName, Lease, LeaseEffect } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Audience } from "../session/status_readers.ts";

/** A request to open a lease. */
export interface LeaseRequest {
  readonly lease: Lease;
  /** Whether clients may connect; false for a lease that is over and only runs afterLease. */
  readonly listen: boolean;
  /** The source calls this after `open` has returned, when clients can connect. */
  onOpened(): void;
  /** The source calls this when the client ends its session. */
  onEndSession(): void;
}

/** Serves the clients of one lease. Disposing it closes everything that belongs to the lease. */
export interface OpenLease extends AsyncDisposable {
  /** Aborted when the lease begins to close. */
  readonly signal: AbortSignal;
  /** Runs a hook until it ends, for `client`, which is empty if unknown. Never throws. */
  runHook(name: HookName, client: string): Promise<HookOutcome>;
  /** Aborts the running hook. */
  interruptHook(): void;
  /** Resolves when clients have read the present status, with the log before it, or `signal` aborts. */
  statusRead(audience: Audience, signal: AbortSignal): Promise<void>;
  /** Closes the connections of `from` when the lease is transferred to the client `to`. */
  transfer(to: string, from: string): void;
}

/** A status for the clients of the open lease, for the source's controller, or for both. */
export type StatusReport = Omit<LeaseEffect & { type: "report" }, "type">;

/** Provides leases as events of a {@linkcode LeaseExecutor}, and serves them. */
export interface LeaseSource {
  /** How long clients that know the final status have to leave before the lease closes, in milliseconds. */
  readonly lingerMs: number;
  /**
   * Ends what uses the drivers without a lease, before `lease` is opened.
   *
   * @returns a promise until it has ended, which never rejects; undefined if nothing uses them.
   */
  vacate?(lease: Lease): Promise<void> | undefined;
  /** Starts to serve a lease. Does not wait until it is open. */
  open(request: LeaseRequest): OpenLease;
  /** Releases a lease, retrying until the controller has accepted. Does not wait for that. */
  release(lease: Lease): void;
  /** Publishes a status. Does not wait for its delivery. */
  report(report: StatusReport): void;
  /** Saves the progress for the next process; undefined deletes it. */
  save(checkpoint: Checkpoint | undefined): void;
  /** Called with each new state of the lease machine. */
  changed(state: LeaseState): void;
  /** Called when no lease is open and none may begin; with the hook whose failure is the reason. */
  stopped(failedHook: HookName | undefined): void;
}
