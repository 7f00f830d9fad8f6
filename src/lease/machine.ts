/**
 * The lease machine: what an exporter does about what it hears, as a pure function.
 *
 * | phase   | leased(L)              | idle     | opened          | endSession          | closed           | stop / drain   |
 * | ------- | ---------------------- | -------- | --------------- | ------------------- | ---------------- | -------------- |
 * | idle    | open L → opening       | –        | –               | –                   | –                | stop → stopped |
 * | opening | other: close → closing | close →  | LEASE_READY →   | AVAILABLE → ended   | –                | close / later  |
 * | ready   | other: close → closing | close →  | –               | AVAILABLE → ended   | –                | close / later  |
 * | ended   | other: close → closing | close →  | –               | –                   | –                | close          |
 * | closing | L is next              | no next  | –               | –                   | next, idle, stop | then stop      |
 * | stopped | –                      | –        | –               | –                   | –                | –              |
 *
 * Events say what is, not what changed, so a repeated one does nothing: the controller
 * repeats itself after every reconnect. Lease A → lease B without an idle message in
 * between is the end of A and then the start of B.
 *
 * @module
 */
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";

/** A lease as the controller announces it. */
export interface Lease {
  readonly name: string;
  /** Empty when the controller does not say. */
  readonly client: string;
}

/** Where the machine is. */
export interface LeaseState {
  readonly phase: "idle" | "opening" | "ready" | "ended" | "closing" | "stopped";
  /** The lease that has a session; in every phase but idle and stopped. */
  readonly lease?: Lease | undefined;
  /** The lease that begins once the present one is closed. */
  readonly next?: Lease | undefined;
  /** Stop when the present lease is over. */
  readonly leaving: boolean;
}

/** What can happen. */
export type LeaseEvent =
  | { readonly type: "leased"; readonly lease: Lease }
  | { readonly type: "idle" }
  | { readonly type: "opened" }
  | { readonly type: "endSession" }
  | { readonly type: "closed" }
  | { readonly type: "stop" }
  | { readonly type: "drain" };

/** What is to be done, in this order. */
export type LeaseEffect =
  /** Open a session for the lease and listen for its clients; answered by `opened`. */
  | { readonly type: "open"; readonly lease: Lease }
  /** Close the session and all that belongs to it; answered by `closed`. */
  | { readonly type: "close" }
  /** Tell clients and the controller. */
  | { readonly type: "report"; readonly status: ExporterStatus; readonly message: string }
  /** Say goodbye to the controller and end. */
  | { readonly type: "stop" };

/** The machine's answer to an event. */
export type Transition = readonly [LeaseState, readonly LeaseEffect[]];

/** Before anything was heard. */
export const INITIAL: LeaseState = { phase: "idle", leaving: false };

const READY: LeaseEffect = {
  type: "report",
  status: ExporterStatus.EXPORTER_STATUS_LEASE_READY,
  message: "Ready for commands",
};

const AVAILABLE: LeaseEffect = {
  type: "report",
  status: ExporterStatus.EXPORTER_STATUS_AVAILABLE,
  message: "Available for new lease",
};

/** What follows from `event` in `state`. */
export function step(state: LeaseState, event: LeaseEvent): Transition {
  switch (event.type) {
    case "leased":
      return leased(state, event.lease);
    case "idle":
      return idle(state);
    case "opened":
      return state.phase === "opening" ? [{ ...state, phase: "ready" }, [READY]] : [state, []];
    case "endSession":
      return endSession(state);
    case "closed":
      return state.phase === "closing" ? closed(state) : [state, []];
    case "stop":
      return stop(state);
    case "drain":
      return state.phase === "idle" ? stop(state) : [{ ...state, leaving: true }, []];
  }
}

function leased(state: LeaseState, lease: Lease): Transition {
  switch (state.phase) {
    case "idle":
      return open(state, lease);
    case "closing":
      return [{ ...state, next: lease }, []];
    case "stopped":
      return [state, []];
    default:
      return state.lease?.name === lease.name ? [state, []] : close({ ...state, next: lease });
  }
}

function idle(state: LeaseState): Transition {
  const { phase } = state;
  if (phase === "closing") return [{ ...state, next: undefined }, []];
  return phase === "idle" || phase === "stopped" ? [state, []] : close(state);
}

/** The session stays open: its client waits to read AVAILABLE from it. */
function endSession(state: LeaseState): Transition {
  const serving = state.phase === "opening" || state.phase === "ready";
  return serving ? [{ ...state, phase: "ended" }, [AVAILABLE]] : [state, []];
}

function closed(state: LeaseState): Transition {
  const { next, leaving } = state;
  if (leaving) return [{ phase: "stopped", leaving }, [{ type: "stop" }]];
  return next ? open(state, next) : [INITIAL, [AVAILABLE]];
}

function stop(state: LeaseState): Transition {
  const { phase } = state;
  const leaving = true;
  if (phase === "idle") return [{ phase: "stopped", leaving }, [{ type: "stop" }]];
  if (phase === "closing" || phase === "stopped") return [{ ...state, leaving }, []];
  return close({ ...state, leaving });
}

function open({ leaving }: LeaseState, lease: Lease): Transition {
  return [{ phase: "opening", lease, leaving }, [{ type: "open", lease }]];
}

function close(state: LeaseState): Transition {
  return [{ ...state, phase: "closing" }, [{ type: "close" }]];
}
