/** The types of the lease machine: leases, hooks, events and effects. @module */
import type { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";

/** A lease as the controller announces it. */
export interface Lease {
  readonly name: string;
  /** Empty if the controller does not name the client. */
  readonly client: string;
}

/** The consequence of a failed hook. */
export type OnFailure = "warn" | "endLease" | "exit";

/** The two hooks of a lease. */
export type HookName = "beforeLease" | "afterLease";

/** The configured hooks, and the consequences of their failures. */
export type Rules = { readonly [hook in HookName]?: { readonly onFailure: OnFailure } };

/** The progress of a lease, saved for the next process of the same exporter. */
export interface Checkpoint {
  readonly lease: Lease;
  /** `ready`: beforeLease has succeeded. `done`: no hook may start any more. */
  readonly stage: "ready" | "done";
}

/** An event of the lease machine. `deno check` fails unless `step` handles each member. */
export type LeaseEvent =
  /** The controller announces a lease of this exporter. */
  | { readonly type: "leased"; readonly lease: Lease }
  /** The controller announces that the exporter has no lease. */
  | { readonly type: "idle" }
  /** The session is open; answers `open`. */
  | { readonly type: "opened" }
  /** A hook has ended; answers `runHook`. */
  | { readonly type: "hookDone"; readonly hook: HookName; readonly failure?: string | undefined }
  /** The client has ended its session. */
  | { readonly type: "endSession" }
  /** Clients have read the final status, or had long enough for it; answers `awaitReaders`. */
  | { readonly type: "statusRead" }
  /** The clients that have read the final status had time to leave; answers `linger`. */
  | { readonly type: "lingered" }
  /** The session and the drivers of the lease are closed; answers `close`. */
  | { readonly type: "closed" }
  /** The exporter must stop now. */
  | { readonly type: "stop" }
  /** The exporter must stop when the current lease is over. */
  | { readonly type: "drain" };

/** An effect, to be executed in order. `deno check` fails unless the exporter handles each member. */
export type LeaseEffect =
  /** Open a session, and listen for clients unless the lease is over; answered by `opened`. */
  | { readonly type: "open"; readonly lease: Lease; readonly listen: boolean }
  /** Close the connections of `from`, since the lease was transferred to the client in `lease`. */
  | { readonly type: "transfer"; readonly lease: Lease; readonly from: string }
  /** Run a hook for the client that holds the lease; answered by `hookDone`. */
  | { readonly type: "runHook"; readonly hook: HookName; readonly lease: Lease }
  /** Abort the running hook; it still answers with `hookDone`. */
  | { readonly type: "interruptHook" }
  /**
   * Wait until clients have read the final status: `one` that may still have to connect, or `all`
   * that are connected and wait for it. In bounded time; answered by `statusRead`.
   */
  | { readonly type: "awaitReaders"; readonly readers: "one" | "all" }
  /** Wait a moment, in which clients read the final status, and leave; answered by `lingered`. */
  | { readonly type: "linger" }
  /** Release the lease at the controller, retrying until that succeeds. */
  | { readonly type: "release"; readonly lease: Lease }
  /** Close the session and its drivers; answered by `closed`. */
  | { readonly type: "close" }
  /** Report a status to the clients of the lease, to the controller, or to both. */
  | {
    readonly type: "report";
    readonly status: ExporterStatus;
    readonly message: string;
    readonly to: "clients" | "controller" | "both";
  }
  /** Save the progress for the next process; undefined deletes it. */
  | { readonly type: "save"; readonly checkpoint: Checkpoint | undefined }
  /** Unregister and exit, with an error if a failed hook is the reason. */
  | { readonly type: "stop"; readonly failedHook: HookName | undefined };
