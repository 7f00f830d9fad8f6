/** The effects of the machine that are made in many places. @module */
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import type { LeaseEffect, Memory } from "./model.ts";

/** Clients and controller are told. */
export function report(status: Status, message: string): LeaseEffect {
  return { type: "report", status, message, clientsOnly: false };
}

/**
 * The clients of a session are told that they are done. The controller is not: it would
 * give out the exporter while the session is still open.
 */
export function tellClients(message: string): LeaseEffect {
  return { type: "report", status: Status.EXPORTER_STATUS_AVAILABLE, message, clientsOnly: true };
}

/** What the next life of the process is to know, or that there is nothing. */
export function remember(memory: Memory | undefined): LeaseEffect {
  return { type: "remember", memory };
}
