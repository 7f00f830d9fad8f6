/**
 * The lease machine: a pure function from a state and an event to the next state and effects.
 *
 * | phase      | opened                   | hookDone                       | endSession               | the lease is over | statusRead, lingered | closed                    |
 * | ---------- | ------------------------ | ------------------------------ | ------------------------ | ----------------- | -------------------- | ------------------------- |
 * | idle       | –                        | –                              | –                        | –                 | –                    | –                         |
 * | opening    | before, ready, lingering | –                              | noted                    | closing           | –                    | –                         |
 * | before     | –                        | ready, or announcing if failed | noted                    | noted             | –                    | –                         |
 * | ready      | –                        | –                              | after, announcing, ended | after, closing    | –                    | –                         |
 * | after      | –                        | announcing                     | –                        | noted             | –                    | –                         |
 * | ended      | –                        | –                              | –                        | closing           | –                    | –                         |
 * | announcing | –                        | –                              | –                        | lingering         | lingering            | –                         |
 * | lingering  | –                        | –                              | –                        | noted             | release, closing     | –                         |
 * | closing    | –                        | –                              | –                        | –                 | –                    | idle, next lease, stopped |
 *
 * A noted event takes effect when the phase ends. If the lease is over, `announcing` is skipped, and
 * if another lease waits, `lingering` as well. `stop` causes the same transitions as the end of the lease, and interrupts a beforeLease
 * hook; a second `stop` interrupts afterLease. `drain` waits for the end of the lease.
 *
 * BEFORE_LEASE_HOOK_FAILED reaches the controller only when a client has read it, because the
 * controller lets none connect afterwards; a client needs seconds from its lease to its connection.
 *
 * The controller receives AVAILABLE only when a lease is closed completely, so that the exporter can
 * open Listen as soon as the next one is assigned; the clients of the lease receive it as soon as
 * their session has ended.
 *
 * A lease belongs to one client. If the controller names another client for the same lease, it
 * was transferred: in every phase, the former client's connections are closed and the lease
 * continues, and later hooks receive the new client's name.
 *
 * Events describe the current state, not a change, so a repeated event has no effect: the
 * controller repeats its announcement after every reconnect. Lease A followed by lease B without an
 * idle message in between ends A and then starts B. A lease whose hooks have started never begins
 * again: if it is announced again (as after the Exporter object was created anew), it continues if
 * its end has had no effect yet, and is released otherwise.
 *
 * This module decides by event and phase, assignment.ts by lease and client, and transitions.ts
 * enters the phases. Every switch over events, effects or phases ends in `satisfies never`, so that
 * a member that is not handled does not compile.
 *
 * @module
 */
import { available, prepend, save } from "./effects.ts";
import { begin, leased, noLease } from "./assignment.ts";
import * as message from "./messages.ts";
import type { Checkpoint, HookName, LeaseEvent, Rules } from "./model.ts";
import type { Active, Closing, Idle, LeaseState, Lingering, Opening, Transition } from "./state.ts";
import {
  abandon,
  afterLeaseDone,
  announced,
  beforeLeaseDone,
  close,
  closeUnread,
  linger,
  ready,
  runBeforeLease,
  stopped,
  wrapUp,
} from "./transitions.ts";

/** Returns the initial state, with the progress that the previous process saved. */
export function initial(checkpoint?: Checkpoint): LeaseState {
  return { phase: "idle", checkpoint };
}

/** Returns the next state and the effects of `event` in `state`. */
export function step(state: LeaseState, event: LeaseEvent, rules: Rules): Transition {
  if (state.phase === "stopped") return [state, []];
  switch (event.type) {
    case "leased":
      return leased(state, event.lease, rules);
    case "idle":
      return noLease(state, rules);
    case "opened":
      return state.phase === "opening" ? opened(state, rules) : [state, []];
    case "hookDone":
      return hookDone(state, event.hook, event.failure, rules);
    case "endSession":
      return endSession(state, rules);
    case "statusRead":
      return state.phase === "announcing" ? announced({ ...state, revoked: false }) : [state, []];
    case "lingered":
      return state.phase === "lingering" ? lingered(state) : [state, []];
    case "closed":
      return state.phase === "closing" ? closed(state, rules) : [state, []];
    case "stop":
      return stop(state, rules);
    case "drain":
      return drain(state);
  }
  return event satisfies never;
}

function opened(state: Opening, rules: Rules): Transition {
  const stage = state.checkpoint?.stage;
  switch (stage) {
    case undefined:
      return rules.beforeLease ? runBeforeLease(state) : ready(state, message.READY, rules);
    case "ready":
      return ready(state, message.READY, rules);
    case "done":
      return linger(state, []);
  }
  return stage satisfies never;
}

function hookDone(
  state: Idle | Active,
  hook: HookName,
  failure: string | undefined,
  rules: Rules,
): Transition {
  switch (hook) {
    case "beforeLease":
      return state.phase === "before" ? beforeLeaseDone(state, failure, rules) : [state, []];
    case "afterLease":
      return state.phase === "after" ? afterLeaseDone(state, failure, rules) : [state, []];
  }
  return hook satisfies never;
}

function endSession(state: Idle | Active, rules: Rules): Transition {
  switch (state.phase) {
    case "opening":
    case "before":
      return [{ ...state, endRequested: true }, []];
    case "ready":
      return wrapUp({ ...state, revoked: false }, rules);
    case "idle":
    case "after":
    case "ended":
    case "announcing":
    case "lingering":
    case "closing":
      return [state, []];
  }
  return state satisfies never;
}

function stop(state: Idle | Active, rules: Rules): Transition {
  const shutdown = "now";
  switch (state.phase) {
    case "idle":
      return stopped(undefined);
    case "opening":
      return abandon({ ...state, shutdown });
    case "before":
      return [{ ...state, shutdown }, [{ type: "interruptHook" }]];
    case "ready":
      return wrapUp({ ...state, shutdown, revoked: false }, rules);
    case "after":
      // A first stop lets afterLease finish; a second one aborts it.
      return state.shutdown === "now"
        ? [{ ...state, hookAborted: true }, [{ type: "interruptHook" }]]
        : [{ ...state, shutdown }, []];
    case "ended":
      return close({ ...state, shutdown, revoked: false });
    case "announcing":
      return closeUnread({ ...state, shutdown, revoked: false });
    case "lingering":
      return close({ ...state, shutdown });
    case "closing":
      return [{ ...state, shutdown }, []];
  }
  return state satisfies never;
}

function drain(state: Idle | Active): Transition {
  if (state.phase === "idle") return stopped(undefined);
  return [state.shutdown === "none" ? { ...state, shutdown: "drain" } : state, []];
}

/** A stopping exporter does not release the lease: its client may wait until it is back. */
function lingered(state: Lingering): Transition {
  if (state.revoked || state.shutdown === "now") return close(state);
  return prepend([{ type: "release", lease: state.lease }], close(state));
}

function closed(state: Closing, rules: Rules): Transition {
  const { lease, next, revoked, shutdown, failedHook } = state;
  if (shutdown !== "none") return prepend([save(undefined)], stopped(failedHook));
  const hooks = rules.beforeLease ?? rules.afterLease;
  const isPast = state.hooksStarted && hooks !== undefined;
  const past = isPast ? { lease, gone: revoked } : state.past;
  // After a restart, a lease that the controller has not taken back yet must not begin again.
  const checkpoint: Checkpoint | undefined = isPast && !revoked
    ? { lease, stage: "done" }
    : undefined;
  const rested: Idle = { phase: "idle", past, checkpoint };
  if (next) return prepend([save(checkpoint)], begin(rested, next, rules));
  return [rested, [save(checkpoint), available(state.finalMessage)]];
}
