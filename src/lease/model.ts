/** The vocabulary of the lease machine: leases, hooks, events and effects. @module */
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

/** Which hooks are configured, and what their failures lead to. */
export type Rules = { readonly [hook in HookName]?: { readonly onFailure: OnFailure } };

/** Progress of a lease that is saved for the next process of the same exporter. */
export interface Checkpoint {
  readonly lease: Lease;
  /** `ready`: beforeLease has ended well. `done`: no hook may start any more. */
  readonly stage: "ready" | "done";
}

/** What can happen. Each member must be handled by `step`, or `deno check` fails. */
export type LeaseEvent =
  /** The controller announces a lease of this exporter. */
  | { readonly type: "leased"; readonly lease: Lease }
  /** The controller says that the exporter has no lease. */
  | { readonly type: "idle" }
  /** The session is open; answers `open`. */
  | { readonly type: "opened" }
  /** A hook has ended; answers `runHook`. */
  | { readonly type: "hookDone"; readonly hook: HookName; readonly failure?: string | undefined }
  /** The client has finished. */
  | { readonly type: "endSession" }
  /** The final status has been readable long enough; answers `linger`. */
  | { readonly type: "lingered" }
  /** Nothing of the lease is left; answers `close`. */
  | { readonly type: "closed" }
  /** The exporter is to stop now. */
  | { readonly type: "stop" }
  /** The exporter is to stop when the current lease is over. */
  | { readonly type: "drain" };

/** What to do, in this order. Each member must be handled by the exporter, or `deno check` fails. */
export type LeaseEffect =
  /** Open a session, and listen for clients unless the lease is over; answered by `opened`. */
  | { readonly type: "open"; readonly lease: Lease; readonly listen: boolean }
  /** The lease belongs to another client, named by `lease`: close the connections of `from`. */
  | { readonly type: "transfer"; readonly lease: Lease; readonly from: string }
  /** Run a hook for the client that has the lease now; answered by `hookDone`. */
  | { readonly type: "runHook"; readonly hook: HookName; readonly lease: Lease }
  /** Abort the hook that runs; it still answers. */
  | { readonly type: "interruptHook" }
  /** Give clients a moment to read the final status; answered by `lingered`. */
  | { readonly type: "linger" }
  /** Give the lease back to the controller, however long that takes. */
  | { readonly type: "release"; readonly lease: Lease }
  /** Close the session and all that belongs to it; answered by `closed`. */
  | { readonly type: "close" }
  /** Report to clients and, unless that would draw the next lease to an open session, the controller. */
  | {
    readonly type: "report";
    readonly status: ExporterStatus;
    readonly message: string;
    readonly clientsOnly: boolean;
  }
  /** Save for the next process, or delete what is saved. */
  | { readonly type: "save"; readonly checkpoint: Checkpoint | undefined }
  /** Say goodbye to the controller and exit, with an error where a hook is the reason. */
  | { readonly type: "stop"; readonly failedHook: HookName | undefined };
