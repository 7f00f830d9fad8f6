/** What the lease machine speaks of: leases, states, events, effects. @module */
import type { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";

/** A lease as the controller announces it. */
export interface Lease {
  readonly name: string;
  /** Empty when the controller does not say. */
  readonly client: string;
}

/** What a failed hook leads to. */
export type OnFailure = "warn" | "endLease" | "exit";

/** The two hooks of a lease. */
export type HookName = "beforeLease" | "afterLease";

/** Which hooks there are, and what their failures lead to. */
export type Rules = { readonly [hook in HookName]?: { readonly onFailure: OnFailure } };

/** What an earlier life of the process had come to with a lease. */
export interface Memory {
  readonly lease: Lease;
  /** `ready`: beforeLease is done. `done`: no hook is to begin any more. */
  readonly stage: "ready" | "done";
}

/** A lease that is over for us, whatever the controller says of it. */
export interface PastLease {
  readonly lease: Lease;
  /** The controller has announced something else since; while it has not, it is only late. */
  readonly gone: boolean;
}

/** Where the machine is. */
export interface LeaseState {
  readonly phase:
    | "idle"
    | "opening"
    | "before"
    | "ready"
    | "after"
    | "ended"
    | "lingering"
    | "closing"
    | "stopped";
  /** The lease that has a session; in every phase but idle and stopped. */
  readonly lease?: Lease | undefined;
  /** The lease that begins once the present one is closed. */
  readonly next?: Lease | undefined;
  /** What is known of the lease from an earlier life; in idle of the last one there was. */
  readonly memory?: Memory | undefined;
  /** The controller does not give us the lease any more. */
  readonly over: boolean;
  /** The client has said that it is done. */
  readonly endAsked: boolean;
  /** afterLease is still to run. */
  readonly owesAfter: boolean;
  /** afterLease was interrupted, as whoever stops the exporter would wait no longer. */
  readonly cut?: boolean | undefined;
  /** Goes with AVAILABLE when the session is closed, where there is more to say than usual. */
  readonly farewell?: string | undefined;
  /** The session has come so far that hooks have begun, or need not begin any more. */
  readonly begun?: boolean | undefined;
  /** The last lease that we are through with; its hooks never run again. */
  readonly past?: PastLease | undefined;
  /** Whether to stop: at once, or when the lease is over. */
  readonly leaving: "no" | "drained" | "now";
  /** The hook whose failure is the reason to stop, where it is not somebody's wish. */
  readonly endedBy?: HookName | undefined;
}

/** What can happen. */
export type LeaseEvent =
  | { readonly type: "leased"; readonly lease: Lease }
  | { readonly type: "idle" }
  | { readonly type: "opened" }
  | { readonly type: "hookDone"; readonly hook: HookName; readonly failure?: string | undefined }
  | { readonly type: "endSession" }
  | { readonly type: "lingered" }
  | { readonly type: "closed" }
  | { readonly type: "stop" }
  | { readonly type: "drain" };

/** What is to be done, in this order. */
export type LeaseEffect =
  /** Open a session, and listen for clients unless the lease is over; answered by `opened`. */
  | { readonly type: "open"; readonly lease: Lease; readonly listen: boolean }
  /** The lease belongs to another client, whose name `lease` has: close what is the former one's. */
  | { readonly type: "transfer"; readonly lease: Lease; readonly from: string }
  /** Run a hook for whoever has the lease now; answered by `hookDone`. */
  | { readonly type: "runHook"; readonly hook: HookName; readonly lease: Lease }
  /** End the hook that runs; it still answers. */
  | { readonly type: "interruptHook" }
  /** Leave clients a moment to read the status; answered by `lingered`. */
  | { readonly type: "linger" }
  /** Give the lease back to the controller, however long that takes. */
  | { readonly type: "release"; readonly lease: Lease }
  /** Close the session and all that belongs to it; answered by `closed`. */
  | { readonly type: "close" }
  /** Tell clients and, unless it would draw the next lease to a session that is still open, the controller. */
  | {
    readonly type: "report";
    readonly status: ExporterStatus;
    readonly message: string;
    readonly clientsOnly: boolean;
  }
  /** Keep for the next life of the process; undefined to forget. */
  | { readonly type: "remember"; readonly memory: Memory | undefined }
  /** Say goodbye to the controller and end; badly, where a hook is the reason. */
  | { readonly type: "stop"; readonly endedBy: HookName | undefined };

/** The machine's answer to an event. */
export type Transition = readonly [LeaseState, readonly LeaseEffect[]];
