/** Where the leases of an exporter come from, and what serves their clients. @module */
import type { HookOutcome } from "../lease/hook/hook.ts";
import type { Checkpoint, HookName, Lease, LeaseEffect } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";

/** A lease that is to be opened. */
export interface LeaseRequest {
  readonly lease: Lease;
  /** Whether clients may connect; not for a lease that is over and only needs its afterLease. */
  readonly listen: boolean;
  /** To be called, later than `open` returns, when clients can connect. */
  onOpened(): void;
  /** To be called when the client ends its session. */
  onEndSession(): void;
}

/** Serves the clients of one lease. Disposing it leaves nothing of the lease behind. */
export interface OpenLease extends AsyncDisposable {
  /** Aborted when the lease begins to close. */
  readonly signal: AbortSignal;
  /** Runs a hook for `client`, empty where nobody is known, to its end. Never throws. */
  runHook(name: HookName, client: string): Promise<HookOutcome>;
  /** Aborts the hook that runs now. */
  interruptHook(): void;
  /** The lease belongs to the client `to` now: closes the connections of `from`. */
  transfer(to: string, from: string): void;
}

/** A status for the clients of the open lease and, unless `clientsOnly`, for the source. */
export type StatusReport = Omit<LeaseEffect & { type: "report" }, "type">;

/** Gives leases to an exporter, as events of its {@linkcode LeaseExecutor}, and serves them. */
export interface LeaseSource {
  /** How long a final status stays readable before the lease closes, in milliseconds. */
  readonly lingerMs: number;
  /** Starts to serve a lease. Returns at once. */
  open(request: LeaseRequest): OpenLease;
  /** Gives a lease back, however long that takes. Returns at once. */
  release(lease: Lease): void;
  /** Publishes a status. Returns at once. */
  report(report: StatusReport): void;
  /** Saves progress for the next process, or deletes what is saved. */
  save(checkpoint: Checkpoint | undefined): void;
  /** The machine has another state. */
  changed(state: LeaseState): void;
  /** No lease is open, and none may come any more; with the hook whose failure is the reason. */
  stopped(failedHook: HookName | undefined): void;
}
