/**
 * The state of an exporter as one value. The log of changes and the status that the service
 * manager shows are views of it.
 *
 * @module
 */
import type { LeaseState, Shutdown } from "../lease/state.ts";

/** A lease that a client holds. */
export interface HeldLease {
  readonly name: string;
  /** Empty if the controller does not name the client. */
  readonly client: string;
  /** The time at which this client received the lease. */
  readonly since: Date;
}

/** The connection to the controller. */
export interface ControllerLink {
  /** `host:port`. */
  readonly endpoint: string;
  /** `connecting` until the first call has succeeded; `trouble` while calls fail. */
  readonly state: "connecting" | "connected" | "trouble";
  /** The time of the last change of `state`. */
  readonly since: Date;
  /** The problem in one line, while `state` is `trouble`. */
  readonly trouble?: string | undefined;
  /** Whether the exporter is registered at the controller. */
  readonly registered: boolean;
}

/** A driver of the tree. */
export interface DriverState {
  /** Names from the root, joined by dots. */
  readonly path: string;
  readonly type: string;
  /** Drivers are open only during leases; one that failed to open stays `degraded` until the next. */
  readonly state: "closed" | "opening" | "open" | "degraded";
  /** Why the driver is degraded. */
  readonly problem?: string | undefined;
}

/** Counts of the client connections, through tunnels or direct. */
export interface TrafficCounts {
  /** Number of open connections. */
  readonly connections: number;
  /** Bytes received from clients since the start of the exporter. */
  readonly bytesIn: number;
  /** Bytes sent to clients since the start of the exporter. */
  readonly bytesOut: number;
}

/** An error that was logged. */
export interface LoggedError {
  readonly time: Date;
  readonly message: string;
}

/** A snapshot of the state. */
export interface ExporterState {
  readonly namespace: string;
  readonly name: string;
  readonly phase: LeaseState["phase"];
  readonly shutdown: Shutdown;
  /** The current lease from the controller; none in a standalone exporter. */
  readonly lease?: HeldLease | undefined;
  /** The connection to the controller; none in a standalone exporter. */
  readonly controller?: ControllerLink | undefined;
  /** The address on which a standalone exporter listens. */
  readonly address?: string | undefined;
  readonly drivers: readonly DriverState[];
  readonly traffic: TrafficCounts;
  /** The last errors, oldest first; at most {@linkcode MAX_ERRORS}. */
  readonly errors: readonly LoggedError[];
}

/** How many errors a state keeps. */
export const MAX_ERRORS = 10;

/** Derives the fields that depend only on the state of the lease machine. */
export function leaseFields(state: LeaseState): Pick<ExporterState, "phase" | "shutdown"> {
  const { phase } = state;
  if (phase === "idle") return { phase, shutdown: "none" };
  return { phase, shutdown: phase === "stopped" ? "now" : state.shutdown };
}

/** Returns the lease of `state`: `former` if lease and client are the same, else since now. */
export function heldLease(state: LeaseState, former?: HeldLease): HeldLease | undefined {
  if (!("lease" in state)) return undefined;
  const { name, client } = state.lease;
  const isSame = former?.name === name && former.client === client;
  return isSame ? former : { name, client, since: new Date() };
}
