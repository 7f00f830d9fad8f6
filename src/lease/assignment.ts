/** Assigns leases: they begin, are announced again, are transferred, and end. @module */
import { available, prepend, save } from "./effects.ts";
import * as message from "./messages.ts";
import type { Checkpoint, Lease, LeaseEffect, Rules } from "./model.ts";
import type {
  Active,
  After,
  Announcing,
  Before,
  Ended,
  Idle,
  Lingering,
  Opening,
  PastLease,
  Ready,
  Transition,
} from "./state.ts";
import { abandon, announced, close, closeUnread, open, serve, wrapUp } from "./transitions.ts";

/** Handles that the controller announces `lease`. */
export function leased(state: Idle | Active, lease: Lease, rules: Rules): Transition {
  if (state.phase === "idle") return begin(state, lease, rules);
  return lease.name === state.lease.name ? sameLease(state, lease) : leaseOver(state, lease, rules);
}

/** Handles that the controller announces no lease. */
export function noLease(state: Idle | Active, rules: Rules): Transition {
  const past = gone(state.past);
  if (state.phase !== "idle") return leaseOver({ ...state, past }, undefined, rules);
  return openOwed({ ...state, past }, undefined, rules) ?? forget({ ...state, past });
}

/** Begins a lease while there is no other, after the work that the previous process left. */
export function begin(state: Idle, lease: Lease, rules: Rules): Transition {
  const { checkpoint, past } = state;
  if (past?.lease.name === lease.name) return comesBack(state, past);
  if (!checkpoint) return open({ lease, past: gone(past) });
  if (checkpoint.lease.name === lease.name) return open({ lease, past: gone(past), checkpoint });
  const owed = openOwed(state, lease, rules);
  return owed ?? open({ lease, past: { lease: checkpoint.lease, gone: true } });
}

/** Releases a finished lease that is announced again, unless that announcement is only late. */
function comesBack(state: Idle, past: PastLease): Transition {
  if (!past.gone) return [state, []];
  return [{ ...state, past: { ...past, gone: false } }, [
    { type: "release", lease: past.lease },
    available(),
  ]];
}

/** Opens the lease of the checkpoint for its afterLease, if it ended while no exporter ran. */
function openOwed(state: Idle, next: Lease | undefined, rules: Rules): Transition | undefined {
  const { checkpoint, past } = state;
  if (checkpoint?.stage !== "ready") return undefined;
  if (!rules.afterLease || checkpoint.lease.client === "") return undefined;
  return open({ lease: checkpoint.lease, past, checkpoint, revoked: true, next });
}

/** Deletes a checkpoint whose lease is over at the controller too and needs no afterLease. */
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

/** Handles that the held lease is announced again: it may have been revoked or transferred. */
function sameLease(state: Active, lease: Lease): Transition {
  switch (state.phase) {
    case "opening":
      return state.revoked ? [{ ...state, next: lease }, []] : heldBy(state, lease);
    case "closing":
      return state.revoked ? [{ ...state, next: lease }, []] : [state, []];
    case "before":
    case "after":
      // Withdraws the end of the lease, which takes effect only after this phase.
      return heldBy({ ...state, revoked: false, next: undefined }, lease);
    case "lingering":
      return heldBy({ ...state, revoked: false }, lease);
    case "ready":
    case "ended":
    case "announcing":
      return heldBy(state, lease);
  }
  return state satisfies never;
}

type Transferable = Opening | Before | Ready | After | Ended | Announcing | Lingering;

/** Continues the lease, for another client if it was transferred; no hook runs again. */
function heldBy(state: Transferable, { client }: Lease): Transition {
  const { client: from, name } = state.lease;
  // Without a client name, the announcement does not transfer the lease.
  if (client === "" || client === from) return [state, []];
  const lease: Lease = { name, client };
  if (from === "") return rename(state, lease);
  const transfer: LeaseEffect = { type: "transfer", lease, from };
  return prepend([transfer], inherit(state, lease));
}

/** Discards the former client's request to end the session: the new client has not made it. */
function inherit(state: Transferable, lease: Lease): Transition {
  switch (state.phase) {
    case "opening":
    case "before":
      return rename({ ...state, endRequested: false }, lease);
    case "ended":
      return serve({ ...state, lease }, message.READY);
    case "ready":
    case "after":
    case "announcing":
    case "lingering":
      return rename(state, lease);
  }
  return state satisfies never;
}

/** Changes the client's name, also in the checkpoint of a lease that is ready. */
function rename(state: Transferable, lease: Lease): Transition {
  const saved: Checkpoint = { lease, stage: "ready" };
  return [{ ...state, lease }, state.phase === "ready" ? [save(saved)] : []];
}

/** Ends the lease: the controller revoked it or announced the `next` one. */
function leaseOver(state: Active, next: Lease | undefined, rules: Rules): Transition {
  const revoked = true;
  switch (state.phase) {
    case "opening":
      // A revoked lease is opening for its afterLease, which still has to run.
      return state.revoked ? [{ ...state, next }, []] : abandon({ ...state, revoked, next });
    case "ready":
      return wrapUp({ ...state, revoked, next }, rules);
    case "ended":
      return close({ ...state, revoked, next });
    case "announcing":
      // Clients that are connected still read it, but no other can connect.
      return next ? closeUnread({ ...state, revoked, next }) : announced({ ...state, revoked });
    case "lingering":
      // Ends the wait at once if another client has the next lease: this one's session has ended.
      return next ? close({ ...state, revoked, next }) : [{ ...state, revoked }, []];
    case "before":
    case "after":
    case "closing":
      return [{ ...state, revoked, next }, []];
  }
  return state satisfies never;
}
