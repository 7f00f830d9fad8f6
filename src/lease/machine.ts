/**
 * The lease machine: what an exporter does about what it hears, as a pure function.
 *
 * | phase     | opened                   | hookDone                      | endSession              | the lease is over | lingered         | closed                    |
 * | --------- | ------------------------ | ----------------------------- | ----------------------- | ----------------- | ---------------- | ------------------------- |
 * | idle      | –                        | –                             | –                       | –                 | –                | –                         |
 * | opening   | before, ready, lingering | –                             | noted                   | closing           | –                | –                         |
 * | before    | –                        | ready, or lingering if failed | noted                   | noted             | –                | –                         |
 * | ready     | –                        | –                             | after, lingering, ended | after, closing    | –                | –                         |
 * | after     | –                        | lingering                     | –                       | noted             | –                | –                         |
 * | ended     | –                        | –                             | –                       | closing           | –                | –                         |
 * | lingering | –                        | –                             | –                       | noted             | release, closing | –                         |
 * | closing   | –                        | –                             | –                       | –                 | –                | idle, next lease, stopped |
 *
 * What is noted takes effect when the phase ends. Where another lease waits, nothing
 * lingers. `stop` takes the same ways as the end of the lease, and interrupts a beforeLease
 * hook; a second one interrupts afterLease. `drain` waits for the end of the lease.
 *
 * The controller hears AVAILABLE when nothing of a lease is left, so that the next one is
 * listened for as soon as it is given; the clients of a lease read it as soon as they are done.
 *
 * A lease belongs to its client. Where the controller names another one for the same lease, it
 * was transferred: what the former client has open is closed, in every phase, and all else goes
 * on, with the new name for the hooks that are still to run.
 *
 * Events say what is, not what changed, so a repeated one does nothing: the controller
 * repeats itself after every reconnect. Lease A → lease B without an idle message in
 * between is the end of A and then the start of B. A lease whose hooks have begun never begins
 * anew: one that comes back, as leases of an Exporter object that is made anew may, goes on
 * where nothing has followed from its end yet, and is given back where something has.
 *
 * @module
 */
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { remember, report, tellClients } from "./effects.ts";
import * as message from "./messages.ts";
import type {
  HookName,
  Lease,
  LeaseEffect,
  LeaseEvent,
  LeaseState,
  Memory,
  OnFailure,
  PastLease,
  Rules,
  Transition,
} from "./model.ts";

/** Before anything was heard, with what an earlier life left. */
export function initial(memory?: Memory): LeaseState {
  return { ...FRESH, memory };
}

const FRESH: LeaseState = {
  phase: "idle",
  over: false,
  endAsked: false,
  owesAfter: false,
  leaving: "no",
};

/** What follows from `event` in `state`. */
export function step(state: LeaseState, event: LeaseEvent, rules: Rules): Transition {
  switch (state.phase === "stopped" ? "nothing" : event.type) {
    case "leased":
      return leased(state, (event as { lease: Lease }).lease, rules);
    case "idle":
      return idle({ ...state, next: undefined, past: gone(state.past) }, rules);
    case "opened":
      return state.phase === "opening" ? opened(state, rules) : [state, []];
    case "hookDone":
      return hookDone(state, event as LeaseEvent & { type: "hookDone" }, rules);
    case "endSession":
      return endSession(state, rules);
    case "lingered":
      return state.phase === "lingering" ? lingered(state) : [state, []];
    case "closed":
      return state.phase === "closing" ? closed(state, rules) : [state, []];
    case "stop":
      return stop(state, rules);
    case "drain":
      return drain(state);
    default:
      return [state, []];
  }
}

function leased(state: LeaseState, lease: Lease, rules: Rules): Transition {
  if (state.phase === "idle") return begin(state, lease, rules);
  if (lease.name === state.lease!.name) return sameLease(state, lease, rules);
  return leaseOver({ ...state, next: lease }, rules);
}

/** The controller gives us a lease that we are through with, or only still speaks of it. */
function comesBack(state: LeaseState, past: PastLease): Transition {
  if (!past.gone) return [state, []];
  return [{ ...state, past: { ...past, gone: false } }, [
    { type: "release", lease: past.lease },
    report(Status.EXPORTER_STATUS_AVAILABLE, message.DONE),
  ]];
}

/** Nothing new, unless the lease was over: what has not followed from that yet never does. */
function sameLease(state: LeaseState, lease: Lease, rules: Rules): Transition {
  if (!state.over) return heldBy(state, lease, rules);
  const isUnderWay = ["before", "after", "lingering"].includes(state.phase);
  return isUnderWay
    ? heldBy({ ...state, over: false, next: undefined }, lease, rules)
    : [{ ...state, next: lease }, []];
}

/** The lease goes on, for another client where it was transferred; its hooks run no second time. */
function heldBy(state: LeaseState, { client }: Lease, rules: Rules): Transition {
  const { client: from, name } = state.lease!;
  // A controller that does not say whose the lease is has not given it to somebody else.
  if (client === "" || client === from || state.phase === "closing") return [state, []];
  const lease: Lease = { name, client };
  if (from === "") return welcome({ ...state, lease }, rules);
  const transfer: LeaseEffect = { type: "transfer", lease, from };
  // Whoever asked for the end of the session asked for that of their own.
  const heir: LeaseState = { ...state, lease, endAsked: false };
  const ended = state.phase === "ended";
  return prepend([transfer], ended ? ready(heir, message.READY, rules) : welcome(heir, rules));
}

/** A session that is ready is so for its new client, and afterLease will be told the name. */
function welcome(state: LeaseState, rules: Rules): Transition {
  if (state.phase !== "ready") return [state, []];
  const owesAfter = rules.afterLease !== undefined;
  const memory: Memory = { lease: state.lease!, stage: "ready" };
  return [{ ...state, owesAfter }, [{ type: "remember", memory }]];
}

function gone(past: PastLease | undefined): PastLease | undefined {
  return past && { ...past, gone: true };
}

function idle(state: LeaseState, rules: Rules): Transition {
  if (state.phase !== "idle") return leaseOver(state, rules);
  return owedByMemory(state, rules) ?? forgetIdle(state);
}

/** A lease that is remembered is over at the controller as well, with nothing left to do for it. */
function forgetIdle(state: LeaseState): Transition {
  const { memory } = state;
  if (!memory) return [state, []];
  const rested: LeaseState = { ...state, memory: undefined };
  if (state.past?.lease.name === memory.lease.name) return [rested, [remember(undefined)]];
  const past = { lease: memory.lease, gone: true };
  const available = report(Status.EXPORTER_STATUS_AVAILABLE, message.DONE);
  return [{ ...rested, past }, [remember(undefined), available]];
}

/** A lease while there is no other; an earlier life may have left work to do first. */
function begin(state: LeaseState, lease: Lease, rules: Rules): Transition {
  const { memory, leaving } = state;
  if (state.past?.lease.name === lease.name) return comesBack(state, state.past);
  if (memory && memory.lease.name !== lease.name) {
    const owed = owedByMemory({ ...state, next: lease }, rules);
    if (owed) return owed;
  }
  const known = memory?.lease.name === lease.name ? memory : undefined;
  const past = memory && !known ? { lease: memory.lease, gone: true } : gone(state.past);
  const next: LeaseState = { ...FRESH, phase: "opening", lease, memory: known, past, leaving };
  return [next, [{ type: "open", lease, listen: true }]];
}

/** afterLease of a lease that ended while no exporter ran. */
function owedByMemory(state: LeaseState, rules: Rules): Transition | undefined {
  const { memory } = state;
  if (memory?.stage !== "ready" || !rules.afterLease || memory.lease.client === "") {
    return undefined;
  }
  const { lease } = memory;
  const next: LeaseState = { ...state, phase: "opening", lease, over: true };
  return [next, [{ type: "open", lease, listen: false }]];
}

function opened(opening: LeaseState, rules: Rules): Transition {
  const state: LeaseState = { ...opening, begun: true };
  switch (state.memory?.stage) {
    case "ready":
      return ready(state, message.READY, rules);
    case "done":
      return linger(state, []);
  }
  if (!rules.beforeLease) return ready(state, message.READY, rules);
  const effects = [report(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK, message.BEFORE)];
  return [{ ...state, phase: "before" }, [
    ...effects,
    { type: "runHook", hook: "beforeLease", lease: state.lease! },
  ]];
}

/** beforeLease did not fail; what was noted while it ran takes effect now. */
function ready(state: LeaseState, text: string, rules: Rules): Transition {
  const lease = state.lease!;
  const owesAfter = rules.afterLease !== undefined && lease.client !== "";
  const next: LeaseState = { ...state, phase: "ready", owesAfter };
  const kept = remember({ lease, stage: "ready" });
  if (state.over || state.endAsked || state.leaving === "now") {
    return prepend([kept], wrapUp(next, rules));
  }
  return [next, [kept, report(Status.EXPORTER_STATUS_LEASE_READY, text)]];
}

function hookDone(
  state: LeaseState,
  { hook, failure }: LeaseEvent & { type: "hookDone" },
  rules: Rules,
): Transition {
  if (hook === "beforeLease" && state.phase === "before") return beforeDone(state, failure, rules);
  if (hook === "afterLease" && state.phase === "after") return afterDone(state, failure, rules);
  return [state, []];
}

function beforeDone(state: LeaseState, failure: string | undefined, rules: Rules): Transition {
  if (failure === undefined) return ready(state, message.READY, rules);
  if (state.leaving === "now") return close(state);
  const { onFailure } = rules.beforeLease!;
  if (onFailure === "warn") return ready(state, message.warning("beforeLease", failure), rules);
  const text = message.failed("beforeLease", onFailure, failure);
  const told = report(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED, text);
  const kept = remember({ lease: state.lease!, stage: "done" });
  return linger(afterFailure(state, "beforeLease", onFailure), [kept, told]);
}

function afterDone(state: LeaseState, failure: string | undefined, rules: Rules): Transition {
  if (state.cut) return close(state);
  const onFailure = failure === undefined ? "warn" : rules.afterLease!.onFailure;
  if (onFailure === "warn") {
    const text = failure === undefined ? message.DONE : message.warning("afterLease", failure);
    return linger({ ...state, farewell: text }, [tellClients(text)]);
  }
  const text = message.failed("afterLease", onFailure, failure!);
  const told = report(Status.EXPORTER_STATUS_AFTER_LEASE_HOOK_FAILED, text);
  return linger(afterFailure(state, "afterLease", onFailure), [told]);
}

function afterFailure(state: LeaseState, hook: HookName, onFailure: OnFailure): LeaseState {
  return onFailure === "exit" ? { ...state, leaving: "now", endedBy: hook } : state;
}

function endSession(state: LeaseState, rules: Rules): Transition {
  switch (state.phase) {
    case "opening":
    case "before":
      return [{ ...state, endAsked: true }, []];
    case "ready":
      return wrapUp(state, rules);
    default:
      return [state, []];
  }
}

/** The controller took the lease away, or gave another one. */
function leaseOver(state: LeaseState, rules: Rules): Transition {
  const over: LeaseState = { ...state, over: true };
  switch (state.phase) {
    case "opening":
      // Work that an earlier life owes is done although the lease is over.
      return state.over ? [state, []] : close(over);
    case "ready":
      return wrapUp(over, rules);
    case "ended":
      return close(over);
    case "lingering":
      // Whoever has the next lease is waiting; who had this one has let go of it.
      return over.next ? close(over) : [over, []];
    default:
      return [over, []];
  }
}

function stop(state: LeaseState, rules: Rules): Transition {
  const leaving: LeaseState = { ...state, leaving: "now" };
  switch (state.phase) {
    case "idle":
      return stopped(leaving);
    case "before":
      return [leaving, [{ type: "interruptHook" }]];
    case "ready":
      return wrapUp(leaving, rules);
    case "after":
      return state.leaving === "now" ? cutAfter(leaving) : [leaving, []];
    case "opening":
    case "ended":
    case "lingering":
      return close(leaving);
    default:
      return [leaving, []];
  }
}

/** afterLease has its own time to end when the exporter stops, unless whoever stops it insists. */
function cutAfter(state: LeaseState): Transition {
  return [{ ...state, cut: true }, [{ type: "interruptHook" }]];
}

function drain(state: LeaseState): Transition {
  if (state.phase === "idle") return stopped(state);
  return [state.leaving === "no" ? { ...state, leaving: "drained" } : state, []];
}

/** The end of a lease that was ready: afterLease if it is owed, and then out. */
function wrapUp(state: LeaseState, rules: Rules): Transition {
  if (state.owesAfter) {
    const lease = state.lease!;
    const memory: Memory = { lease, stage: "done" };
    return [{ ...state, phase: "after", owesAfter: false }, [
      remember(memory),
      report(Status.EXPORTER_STATUS_AFTER_LEASE_HOOK, message.AFTER),
      { type: "runHook", hook: "afterLease", lease },
    ]];
  }
  if (state.over || state.leaving === "now") return close(state);
  // The session stays open: its client waits to read AVAILABLE from it.
  const told = tellClients(message.DONE);
  const hooks = rules.beforeLease ?? rules.afterLease;
  return hooks ? linger(state, [told]) : [{ ...state, phase: "ended" }, [told]];
}

function linger(state: LeaseState, effects: readonly LeaseEffect[]): Transition {
  if (state.next) return prepend(effects, close(state));
  return [{ ...state, phase: "lingering" }, [...effects, { type: "linger" }]];
}

/** An exporter that leaves gives no lease back: the client decides whether to wait for its return. */
function lingered(state: LeaseState): Transition {
  const lease = state.lease!;
  if (state.over || state.leaving === "now") return close(state);
  const release: LeaseEffect = { type: "release", lease };
  return prepend([release], close(state));
}

function close(state: LeaseState): Transition {
  return [{ ...state, phase: "closing" }, [{ type: "close" }]];
}

function closed(state: LeaseState, rules: Rules): Transition {
  const { lease, next, over, farewell = message.DONE } = state;
  if (state.leaving !== "no") return prepend([remember(undefined)], stopped(state));
  const hooks = rules.beforeLease ?? rules.afterLease;
  const isPast = state.begun && hooks !== undefined;
  const past = isPast ? { lease: lease!, gone: over } : state.past;
  // A restart before the controller has taken the lease back must know that it is over.
  const memory: Memory | undefined = isPast && !over ? { lease: lease!, stage: "done" } : undefined;
  const rested: LeaseState = { ...FRESH, past, memory };
  if (next) return prepend([remember(memory)], begin(rested, next, rules));
  return [rested, [remember(memory), report(Status.EXPORTER_STATUS_AVAILABLE, farewell)]];
}

function stopped({ leaving, endedBy }: LeaseState): Transition {
  return [{ ...FRESH, phase: "stopped", leaving, endedBy }, [{ type: "stop", endedBy }]];
}

function prepend(effects: readonly LeaseEffect[], [state, rest]: Transition): Transition {
  return [state, [...effects, ...rest]];
}
