/** Decides whose session serves a visitor from the host. @module */
import type { Lease } from "../../lease/model.ts";
import type { LeaseState } from "../../lease/state.ts";

/** The decision about a visitor. */
export type Admission =
  /** The drivers are opened for visitors. */
  | { readonly kind: "own" }
  /** The session of the lease, whose client is told. */
  | { readonly kind: "lease" }
  /** The next state decides; if none comes, the reason why not. */
  | { readonly kind: "later"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Decides by the state of the lease machine. A lease has priority, unless `force`. */
export function admissionOf(name: string, state: LeaseState, force: boolean): Admission {
  switch (state.phase) {
    case "stopped":
      return { kind: "refused", reason: `${name} is stopping` };
    case "idle":
      if (!state.checkpoint || force) return { kind: "own" };
      // The controller has not said yet whether the lease of the previous process goes on.
      return { kind: "later", reason: `${leased(name, state.checkpoint.lease)} ${FORCE}` };
    case "closing":
      return { kind: "later", reason: `${leased(name, state.lease)} which is being closed` };
    case "opening":
    case "before":
    case "ready":
    case "after":
    case "ended":
    case "announcing":
    case "lingering":
      if (force) return { kind: "lease" };
      return { kind: "refused", reason: `${leased(name, state.lease)} ${FORCE}` };
  }
  return state satisfies never;
}

const FORCE = "--force interferes all the same, and tells the client";

/** `demo is leased by alice (lease l-1):` */
function leased(name: string, { name: lease, client }: Lease): string {
  return `${name} is leased${client ? ` by ${client}` : ""} (lease ${lease}):`;
}
