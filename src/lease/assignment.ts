/** Who holds the exporter: leases that begin, come back, change hands or are over. @module */
import { available, prepend, save } from "./effects.ts";
import * as message from "./messages.ts";
import type { Checkpoint, Lease, LeaseEffect, Rules } from "./model.ts";
import type {
  Active,
  After,
  Before,
  Ended,
  Idle,
  Lingering,
  Opening,
  PastLease,
  Ready,
  Transition,
} from "./state.ts";
import { abandon, close, open, serve, wrapUp } from "./transitions.ts";

/** The controller announces `lease`. */
export function leased(state: Idle | Active, lease: Lease, rules: Rules): Transition {
  if (state.phase === "idle") return begin(state, lease, rules);
  return lease.name === state.lease.name ? sameLease(state, lease) : leaseOver(state, lease, rules);
}

/** The controller says that the exporter has no lease. */
export function noLease(state: Idle | Active, rules: Rules): Transition {
  const past = gone(state.past);
  if (state.phase !== "idle") return leaseOver({ ...state, past }, undefined, rules);
  return openOwed({ ...state, past }, undefined, rules) ?? forget({ ...state, past });
}

/** A lease begins while there is no other; the previous process may have left work to do first. */
export function begin(state: Idle, lease: Lease, rules: Rules): Transition {
  const { checkpoint, past } = state;
  if (past?.lease.name === lease.name) return comesBack(state, past);
  if (!checkpoint) return open({ lease, past: gone(past) });
  if (checkpoint.lease.name === lease.name) return open({ lease, past: gone(past), checkpoint });
  const owed = openOwed(state, lease, rules);
  return owed ?? open({ lease, past: { lease: checkpoint.lease, gone: true } });
}

/** The controller gives us a lease that is finished, or has not heard of its end yet. */
function comesBack(state: Idle, past: PastLease): Transition {
  if (!past.gone) return [state, []];
  return [{ ...state, past: { ...past, gone: false } }, [
    { type: "release", lease: past.lease },
    available(),
  ]];
}

/** afterLease of a lease that ended while no exporter ran, unless none is owed. */
function openOwed(state: Idle, next: Lease | undefined, rules: Rules): Transition | undefined {
  const { checkpoint, past } = state;
  if (checkpoint?.stage !== "ready") return undefined;
  if (!rules.afterLease || checkpoint.lease.client === "") return undefined;
  return open({ lease: checkpoint.lease, past, checkpoint, revoked: true, next });
}

/** The lease of the checkpoint is over at the controller as well, and no work is left for it. */
function forget(state: Idle): Transition {
  const { checkpoint, past } = state;
  if (!checkpoint) return [state, []];
  const { lease } = checkpoint;
  if (past?.lease.name === lease.name) return [{ phase: "idle", past }, [save(undefined)]];
  return [{ phase: "idle", past: { lease, gone: true } }, [save(undefined), available()]];
}

function gone(past: PastLease | undefined): PastLease | undefined {
  return past && { ...past, gone: true };
}

/** The lease that is held is announced: nothing new, unless it was revoked or transferred. */
function sameLease(state: Active, lease: Lease): Transition {
  switch (state.phase) {
    case "opening":
      return state.revoked ? [{ ...state, next: lease }, []] : heldBy(state, lease);
    case "closing":
      return state.revoked ? [{ ...state, next: lease }, []] : [state, []];
    case "before":
    case "after":
      // What has not followed from the end of the lease yet never does.
      return heldBy({ ...state, revoked: false, next: undefined }, lease);
    case "lingering":
      return heldBy({ ...state, revoked: false }, lease);
    case "ready":
    case "ended":
      return heldBy(state, lease);
  }
  return state satisfies never;
}

type Transferable = Opening | Before | Ready | After | Ended | Lingering;

/** The lease goes on, for another client where it was transferred; its hooks run no second time. */
function heldBy(state: Transferable, { client }: Lease): Transition {
  const { client: from, name } = state.lease;
  // A controller that names no client has not transferred the lease.
  if (client === "" || client === from) return [state, []];
  const lease: Lease = { name, client };
  if (from === "") return rename(state, lease);
  const transfer: LeaseEffect = { type: "transfer", lease, from };
  return prepend([transfer], inherit(state, lease));
}

/** The new client did not ask for the end of the session, whatever the former one did. */
function inherit(state: Transferable, lease: Lease): Transition {
  switch (state.phase) {
    case "opening":
    case "before":
      return rename({ ...state, endRequested: false }, lease);
    case "ended":
      return serve({ ...state, lease }, message.READY);
    case "ready":
    case "after":
    case "lingering":
      return rename(state, lease);
  }
  return state satisfies never;
}

/** A session that is ready is so for the client that is named now: so is its checkpoint. */
function rename(state: Transferable, lease: Lease): Transition {
  const saved: Checkpoint = { lease, stage: "ready" };
  return [{ ...state, lease }, state.phase === "ready" ? [save(saved)] : []];
}

/** The controller revoked the lease, or announced the `next` one. */
function leaseOver(state: Active, next: Lease | undefined, rules: Rules): Transition {
  const revoked = true;
  switch (state.phase) {
    case "opening":
      // What is opened for a lease that is over already does the work that is owed.
      return state.revoked ? [{ ...state, next }, []] : abandon({ ...state, revoked, next });
    case "ready":
      return wrapUp({ ...state, revoked, next }, rules);
    case "ended":
      return close({ ...state, revoked, next });
    case "lingering":
      // The client of the next lease waits, and that of this one has ended its session.
      return next ? close({ ...state, revoked, next }) : [{ ...state, revoked }, []];
    case "before":
    case "after":
    case "closing":
      return [{ ...state, revoked, next }, []];
  }
  return state satisfies never;
}
