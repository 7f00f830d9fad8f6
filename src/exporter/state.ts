/**
 * What an exporter is doing, as one value. Logs, the status that the service manager shows and
 * whatever else looks at an exporter are views of it.
 *
 * @module
 */
import type { LeaseState, Shutdown } from "../lease/state.ts";

/** A lease that a client holds. */
export interface HeldLease {
  readonly name: string;
  /** Empty when the controller does not say. */
  readonly client: string;
  /** When this client got it. */
  readonly since: Date;
}

/** The connection to the controller. */
export interface ControllerLink {
  /** `host:port`. */
  readonly endpoint: string;
  /** `connecting` until the first call has succeeded; `trouble` while calls fail. */
  readonly state: "connecting" | "connected" | "trouble";
  /** When it came into this state. */
  readonly since: Date;
  /** What is wrong, in one line, where something is. */
  readonly trouble?: string | undefined;
  /** Whether the controller knows the exporter. */
  readonly registered: boolean;
}

/** A driver of the tree. */
export interface DriverState {
  /** Names from the root, joined by dots. */
  readonly path: string;
  readonly type: string;
  /** Drivers are open in leases only; one that could not be opened stays `degraded` until then. */
  readonly state: "closed" | "opening" | "open" | "degraded";
  /** Why it is degraded. */
  readonly problem?: string | undefined;
}

/** What the connections of clients carry: through tunnels, or directly. */
export interface TrafficCounts {
  /** Connections that are open now. */
  readonly connections: number;
  /** Bytes that came from clients, since the start of the exporter. */
  readonly bytesIn: number;
  /** Bytes that went to clients, since the start of the exporter. */
  readonly bytesOut: number;
}

/** A line of the log that reports an error. */
export interface LoggedError {
  readonly time: Date;
  readonly message: string;
}

/** A snapshot. */
export interface ExporterState {
  readonly namespace: string;
  readonly name: string;
  readonly phase: LeaseState["phase"];
  readonly shutdown: Shutdown;
  /** The current lease of a controller; an exporter without one has none. */
  readonly lease?: HeldLease | undefined;
  /** Of an exporter with a controller. */
  readonly controller?: ControllerLink | undefined;
  /** Where an exporter without a controller listens. */
  readonly address?: string | undefined;
  readonly drivers: readonly DriverState[];
  readonly traffic: TrafficCounts;
  /** The last errors, oldest first; at most {@linkcode MAX_ERRORS}. */
  readonly errors: readonly LoggedError[];
}

/** How many errors a state keeps. */
export const MAX_ERRORS = 10;

/** The part of a state that follows from that of the lease machine. */
export function leaseFields(state: LeaseState): Pick<ExporterState, "phase" | "shutdown"> {
  const { phase } = state;
  if (phase === "idle") return { phase, shutdown: "none" };
  return { phase, shutdown: phase === "stopped" ? "now" : state.shutdown };
}

/** The lease of `state` as a client holds it, with the time at which `former` was another one. */
export function heldLease(state: LeaseState, former?: HeldLease): HeldLease | undefined {
  if (!("lease" in state)) return undefined;
  const { name, client } = state.lease;
  const isSame = former?.name === name && former.client === client;
  return isSame ? former : { name, client, since: new Date() };
}
