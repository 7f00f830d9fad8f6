/** Creates the effects that several transitions share. @module */
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { DONE } from "./messages.ts";
import type { Checkpoint, LeaseEffect } from "./model.ts";
import type { Transition } from "./state.ts";

/** Reports to clients and controller. */
export function report(status: Status, message: string): LeaseEffect {
  return { type: "report", status, message, to: "both" };
}

/** Reports AVAILABLE to clients and controller. */
export function available(message: string = DONE): LeaseEffect {
  return report(Status.EXPORTER_STATUS_AVAILABLE, message);
}

/** Reports to the clients of the lease, and not to the controller. */
export function tellClients(status: Status, message: string): LeaseEffect {
  return { type: "report", status, message, to: "clients" };
}

/** Reports to the controller what the clients of the lease know. */
export function tellController(status: Status, message: string): LeaseEffect {
  return { type: "report", status, message, to: "controller" };
}

/**
 * Reports AVAILABLE to the clients of a session that has ended. Not to the controller, which
 * would assign the next lease while the session is still open.
 */
export function sessionEnded(message: string): LeaseEffect {
  return tellClients(Status.EXPORTER_STATUS_AVAILABLE, message);
}

/** Saves the progress for the next process; undefined deletes it. */
export function save(checkpoint: Checkpoint | undefined): LeaseEffect {
  return { type: "save", checkpoint };
}

/** Returns the transition with `effects` before its own. */
export function prepend(effects: readonly LeaseEffect[], [state, rest]: Transition): Transition {
  return [state, [...effects, ...rest]];
}
