/** The states of the lease machine: one interface per phase, each with only its own fields. @module */
import type { Checkpoint, HookName, Lease, LeaseEffect } from "./model.ts";

/** A lease that this exporter has finished, even if the controller still announces it. */
export interface PastLease {
  readonly lease: Lease;
  /** Whether the controller has announced another lease, or none, since; if not, it may only be late. */
  readonly gone: boolean;
}

/** When the exporter stops: not at all, after the current lease, or as soon as possible. */
export type Shutdown = "none" | "drain" | "now";

/** No lease. */
export interface Idle {
  readonly phase: "idle";
  /** Progress that the previous process saved, or of the last lease of this process. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The last finished lease; its hooks never run again. */
  readonly past?: PastLease | undefined;
}

/** The fields of every phase with a lease. */
export interface Holding {
  readonly lease: Lease;
  readonly past?: PastLease | undefined;
  readonly shutdown: Shutdown;
}

/** The fields of a phase that may continue after the end of its lease. */
export interface Revocable extends Holding {
  /** Whether the controller has revoked the lease. */
  readonly revoked: boolean;
  /** The lease that begins when the current one is closed. Only if the current one is revoked. */
  readonly next?: Lease | undefined;
}

/** The session is being opened; if the lease is revoked already, for its afterLease only. */
export interface Opening extends Revocable {
  readonly phase: "opening";
  /** Progress of this lease that the previous process saved. */
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
  /** Whether a second stop has aborted afterLease. */
  readonly hookAborted: boolean;
}

/** The client has ended its session and no hook is configured: waits for the end of the lease. */
export interface Ended extends Holding {
  readonly phase: "ended";
}

/** The outcome of the hooks, for the phases after them. */
export interface Outcome {
  /** The message of AVAILABLE when the session is closed, if it is not the usual one. */
  readonly finalMessage?: string | undefined;
  /** The hook whose failure stops the exporter. */
  readonly failedHook?: HookName | undefined;
}

/** Waits until clients have read the final status, as long as the lease lets them connect. */
export interface Announcing extends Holding, Outcome {
  readonly phase: "announcing";
  /**
   * The message of BEFORE_LEASE_HOOK_FAILED, if the controller does not have that status yet: it lets
   * no client connect from then on.
   */
  readonly untold?: string | undefined;
}

/** Waits a moment, in which clients read the final status, and leave. */
export interface Lingering extends Holding, Outcome {
  readonly phase: "lingering";
  /** Whether the controller has revoked the lease. */
  readonly revoked: boolean;
}

/** The session is being closed. */
export interface Closing extends Revocable, Outcome {
  readonly phase: "closing";
  /** Whether the hooks have started or are not needed; if not, the lease may begin again. */
  readonly hooksStarted: boolean;
}

/** The exporter exits; further events have no effect. */
export interface Stopped {
  readonly phase: "stopped";
  /** The hook whose failure is the reason, if there is one. */
  readonly failedHook?: HookName | undefined;
}

/** The phases in which a lease is opening, open or closing. */
export type Active = Opening | Before | Ready | After | Ended | Announcing | Lingering | Closing;

/** The state of the machine. */
export type LeaseState = Idle | Active | Stopped;

/** The result of an event: the next state, and the effects in order. */
export type Transition = readonly [LeaseState, readonly LeaseEffect[]];
