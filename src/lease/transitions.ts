/** Enters the phases of a lease: their states, and the effects that begin them. @module */
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { prepend, report, save, sessionEnded, tellClients, tellController } from "./effects.ts";
import * as message from "./messages.ts";
import type { Checkpoint, HookName, Lease, LeaseEffect, OnFailure, Rules } from "./model.ts";
import type {
  After,
  Announcing,
  Before,
  Closing,
  Holding,
  Opening,
  Outcome,
  PastLease,
  Revocable,
  Transition,
} from "./state.ts";

/** A lease to open; `revoked` if only its afterLease must run. */
export interface LeaseToOpen {
  readonly lease: Lease;
  readonly past: PastLease | undefined;
  readonly checkpoint?: Checkpoint;
  readonly revoked?: boolean;
  readonly next?: Lease | undefined;
}

/** Opens a lease. */
export function open({ lease, revoked = false, ...rest }: LeaseToOpen): Transition {
  return [
    { phase: "opening", lease, revoked, endRequested: false, shutdown: "none", ...rest },
    [{ type: "open", lease, listen: !revoked }],
  ];
}

/** Runs beforeLease when the session is open. */
export function runBeforeLease(state: Opening): Transition {
  const { lease, past, shutdown, revoked, next, endRequested } = state;
  return [{ phase: "before", lease, past, shutdown, revoked, next, endRequested }, [
    report(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK, message.BEFORE),
    { type: "runHook", hook: "beforeLease", lease },
  ]];
}

/** Continues after beforeLease, by `onFailure` if it failed. */
export function beforeLeaseDone(
  state: Before,
  failure: string | undefined,
  rules: Rules,
): Transition {
  if (failure === undefined) return ready(state, message.READY, rules);
  if (state.shutdown === "now") return close(state);
  const onFailure = rules.beforeLease?.onFailure ?? "warn";
  if (onFailure === "warn") return ready(state, message.warning("beforeLease", failure), rules);
  const text = message.failed("beforeLease", onFailure, failure);
  const effects = [
    save({ lease: state.lease, stage: "done" }),
    tellClients(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED, text),
  ];
  return announceFailure({ ...state, untold: text }, "beforeLease", onFailure, effects);
}

/** Continues if beforeLease did not end the lease: events that were noted take effect now. */
export function ready(state: Opening | Before, text: string, rules: Rules): Transition {
  if (!state.revoked && !state.endRequested && state.shutdown !== "now") return serve(state, text);
  return prepend([save({ lease: state.lease, stage: "ready" })], wrapUp(state, rules));
}

/** Lets clients call the drivers from now on. */
export function serve({ lease, past, shutdown }: Holding, text: string): Transition {
  return [{ phase: "ready", lease, past, shutdown }, [
    save({ lease, stage: "ready" }),
    report(Status.EXPORTER_STATUS_LEASE_READY, text),
  ]];
}

/** Ends a lease that was ready: runs afterLease if it is configured, and closes the session. */
export function wrapUp(state: Revocable, rules: Rules): Transition {
  const { lease, past, shutdown, revoked } = state;
  if (rules.afterLease && lease.client !== "") return runAfterLease(state);
  if (revoked || shutdown === "now") return close(state);
  // The session stays open: its client waits to read AVAILABLE from it.
  const told = sessionEnded(message.DONE);
  const hooks = rules.beforeLease ?? rules.afterLease;
  return hooks ? announce(state, [told]) : [{ phase: "ended", lease, past, shutdown }, [told]];
}

function runAfterLease({ lease, past, shutdown, revoked, next }: Revocable): Transition {
  return [{ phase: "after", lease, past, shutdown, revoked, next, hookAborted: false }, [
    save({ lease, stage: "done" }),
    report(Status.EXPORTER_STATUS_AFTER_LEASE_HOOK, message.AFTER),
    { type: "runHook", hook: "afterLease", lease },
  ]];
}

/** Continues after afterLease, by `onFailure` if it failed. */
export function afterLeaseDone(
  state: After,
  failure: string | undefined,
  rules: Rules,
): Transition {
  if (state.hookAborted) {
    // Official clients would wait 30 s for an exporter that is gone.
    return linger(state, [
      tellClients(Status.EXPORTER_STATUS_AFTER_LEASE_HOOK_FAILED, message.aborted("afterLease")),
    ]);
  }
  if (failure === undefined) return announceEnd(state, message.DONE);
  const onFailure = rules.afterLease?.onFailure ?? "warn";
  if (onFailure === "warn") return announceEnd(state, message.warning("afterLease", failure));
  const text = message.failed("afterLease", onFailure, failure);
  return announceFailure(state, "afterLease", onFailure, [
    report(Status.EXPORTER_STATUS_AFTER_LEASE_HOOK_FAILED, text),
  ]);
}

function announceEnd(state: After, finalMessage: string): Transition {
  const told = sessionEnded(finalMessage);
  // Nobody has ended the session of a stopping exporter, so nobody waits for its end.
  if (state.shutdown === "now") return linger({ ...state, finalMessage }, [told]);
  return announce({ ...state, finalMessage }, [told]);
}

function announceFailure(
  state: (Before | After) & Pick<Announcing, "untold">,
  failedHook: HookName,
  onFailure: Exclude<OnFailure, "warn">,
  effects: readonly LeaseEffect[],
): Transition {
  switch (onFailure) {
    case "endLease":
      return announce(state, effects);
    case "exit":
      return announce({ ...state, shutdown: "now", failedHook }, effects);
  }
  return onFailure satisfies never;
}

/** What a final status is announced for. */
type Final = Revocable & Outcome & Pick<Announcing, "untold">;

/** Waits until clients have read the final status, unless they cannot connect any more. */
function announce(state: Final, effects: readonly LeaseEffect[]): Transition {
  if (state.next || state.revoked) return prepend(effects, announced(state));
  const { lease, past, shutdown, finalMessage, failedHook, untold } = state;
  const readers = untold === undefined ? "all" : "one";
  return [{ phase: "announcing", lease, past, shutdown, finalMessage, failedHook, untold }, [
    ...effects,
    { type: "awaitReaders", readers },
  ]];
}

/** Continues when clients have read the final status, or cannot connect any more. */
export function announced(state: Final): Transition {
  return linger(state, disclosed(state));
}

/** Closes the session before clients have read the final status. */
export function closeUnread(state: Final): Transition {
  return prepend(disclosed(state), close(state));
}

function disclosed({ untold }: Final): LeaseEffect[] {
  if (untold === undefined) return [];
  return [tellController(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED, untold)];
}

/** Waits a moment, in which clients read the final status, unless another lease waits. */
export function linger(state: Revocable & Outcome, effects: readonly LeaseEffect[]): Transition {
  if (state.next) return prepend(effects, close(state));
  const { lease, past, shutdown, revoked, finalMessage, failedHook } = state;
  return [{ phase: "lingering", lease, past, shutdown, revoked, finalMessage, failedHook }, [
    ...effects,
    { type: "linger" },
  ]];
}

/** Closes the session of a finished lease. */
export function close(state: Revocable & Outcome): Transition {
  return closing(state, true);
}

/** Closes the session of a lease whose hooks have not started: it may begin again. */
export function abandon(state: Opening): Transition {
  return closing(state, false);
}

function closing(state: Revocable & Outcome, hooksStarted: boolean): Transition {
  const { lease, past, shutdown, revoked, next, finalMessage, failedHook } = state;
  const held = { lease, past, shutdown, revoked, next };
  const to: Closing = { phase: "closing", ...held, finalMessage, failedHook, hooksStarted };
  return [to, [{ type: "close" }]];
}

/** Stops the exporter. */
export function stopped(failedHook: HookName | undefined): Transition {
  return [{ phase: "stopped", failedHook }, [{ type: "stop", failedHook }]];
}
