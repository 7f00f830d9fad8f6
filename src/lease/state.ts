/** The states of the lease machine: one interface a phase, each with just what it can have. @module */
import type { Checkpoint, HookName, Lease, LeaseEffect } from "./model.ts";

/** A lease that this exporter has finished, whatever the controller says of it. */
export interface PastLease {
  readonly lease: Lease;
  /** Whether the controller has announced something else since; until then, it is only late. */
  readonly gone: boolean;
}

/** Whether the exporter stops: not at all, after the current lease, or as soon as possible. */
export type Shutdown = "none" | "drain" | "now";

/** No lease. */
export interface Idle {
  readonly phase: "idle";
  /** Progress saved by the previous process, or of the last lease of this one. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The last lease that is finished; its hooks never run again. */
  readonly past?: PastLease | undefined;
}

/** What every phase with a lease has. */
export interface Holding {
  readonly lease: Lease;
  readonly past?: PastLease | undefined;
  readonly shutdown: Shutdown;
}

/** What a phase has that outlives the end of its lease. */
export interface Revocable extends Holding {
  /** The controller does not give us the lease any more. */
  readonly revoked: boolean;
  /** The lease that begins once the present one is closed. Only where that one is revoked. */
  readonly next?: Lease | undefined;
}

/** The session is being opened. A lease that is revoked already is opened for its afterLease. */
export interface Opening extends Revocable {
  readonly phase: "opening";
  /** Progress of this lease, saved by the previous process. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The client has ended its session early. */
  readonly endRequested: boolean;
}

/** beforeLease runs. */
export interface Before extends Revocable {
  readonly phase: "before";
  /** The client has ended its session early. */
  readonly endRequested: boolean;
}

/** Clients may call the drivers. */
export interface Ready extends Holding {
  readonly phase: "ready";
}

/** afterLease runs. */
export interface After extends Revocable {
  readonly phase: "after";
  /** afterLease was aborted by a second stop. */
  readonly hookAborted: boolean;
}

/** The client has ended its session, no hook is configured: waits for the end of the lease. */
export interface Ended extends Holding {
  readonly phase: "ended";
}

/** What follows from the hooks, for the phases after them. */
export interface Outcome {
  /** Sent with AVAILABLE when the session is closed, where it differs from the usual text. */
  readonly finalMessage?: string | undefined;
  /** The hook whose failure stops the exporter. */
  readonly failedHook?: HookName | undefined;
}

/** Clients read the final status. */
export interface Lingering extends Holding, Outcome {
  readonly phase: "lingering";
  /** The controller does not give us the lease any more. */
  readonly revoked: boolean;
}

/** The session is being closed. */
export interface Closing extends Revocable, Outcome {
  readonly phase: "closing";
  /** Whether the hooks have started, or did not need to; else the lease may begin again. */
  readonly hooksStarted: boolean;
}

/** The exporter exits. Nothing happens any more. */
export interface Stopped {
  readonly phase: "stopped";
  /** The hook whose failure is the reason, if one is. */
  readonly failedHook?: HookName | undefined;
}

/** The phases in which a lease is open, or opens or closes. */
export type Active = Opening | Before | Ready | After | Ended | Lingering | Closing;

/** Where the machine is. */
export type LeaseState = Idle | Active | Stopped;

/** The machine's answer to an event: the next state, and the effects in order. */
export type Transition = readonly [LeaseState, readonly LeaseEffect[]];
