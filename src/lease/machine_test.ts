/** Tests the lease machine with a table of events and their effects. */
import assert from "node:assert/strict";
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { initial, step } from "./machine.ts";
import type { Checkpoint, LeaseEffect, LeaseEvent, OnFailure, Rules } from "./model.ts";
import type { Transition } from "./state.ts";
import {
  CLOSED,
  DRAIN,
  END,
  hookDone,
  IDLE,
  leased,
  LINGERED,
  OPENED,
  READ,
  STOP,
} from "./testing.ts";

/** Describes the effects of `events`, except `save`. */
function run(rules: Rules, events: LeaseEvent[], saved?: Checkpoint): string[] {
  let state = initial(saved);
  return events.flatMap((event) => {
    const [next, effects]: Transition = step(state, event, rules);
    state = next;
    return effects.filter(({ type }) => type !== "save").map(inWords);
  });
}

function inWords(effect: LeaseEffect): string {
  switch (effect.type) {
    case "open":
      return `open ${effect.lease.name}${effect.listen ? "" : " for its hook"}`;
    case "report":
      return `${Status[effect.status]!.slice(16)}${effect.to === "both" ? "" : ` to ${effect.to}`}`;
    case "runHook":
      return effect.lease.client === "me"
        ? effect.hook
        : `${effect.hook} for ${effect.lease.client}`;
    case "transfer":
      return `transfer ${effect.lease.name} from ${effect.from} to ${effect.lease.client}`;
    case "release":
      return `release ${effect.lease.name}`;
    case "stop":
      return effect.failedHook ? `stop by ${effect.failedHook}` : "stop";
    case "awaitReaders":
      return `await ${effect.readers}`;
    case "interruptHook":
    case "linger":
    case "close":
    case "save":
      return effect.type;
  }
  return effect satisfies never;
}

const NONE: Rules = {};
const BOTH: Rules = { beforeLease: { onFailure: "warn" }, afterLease: { onFailure: "warn" } };
const AFTER_ONLY: Rules = { afterLease: { onFailure: "warn" } };

interface Case {
  readonly what: string;
  readonly rules: Rules;
  readonly events: LeaseEvent[];
  readonly effects: string;
  readonly saved?: Checkpoint;
}

const before = (onFailure: OnFailure): Rules => ({ ...BOTH, beforeLease: { onFailure } });
const after = (onFailure: OnFailure): Rules => ({ ...BOTH, afterLease: { onFailure } });

const IN_A = [leased("a"), OPENED];
const READY_A = [...IN_A, hookDone("beforeLease")];
const saved = (name: string, stage: Checkpoint["stage"]): Checkpoint => {
  return { lease: { name, client: "me" }, stage };
};

const CASES: Case[] = [
  {
    what: "a lease without hooks opens, is ready, closes, and leaves the exporter available",
    rules: NONE,
    events: [...IN_A, IDLE, CLOSED],
    effects: "open a, LEASE_READY, close, AVAILABLE",
  },
  {
    what: "EndSession without hooks reports AVAILABLE to clients and leaves the session open",
    rules: NONE,
    events: [...IN_A, END, END, leased("a"), IDLE, CLOSED],
    effects: "open a, LEASE_READY, AVAILABLE to clients, close, AVAILABLE",
  },
  {
    what: "a lease without hooks that is announced again begins again",
    rules: NONE,
    events: [...IN_A, IDLE, leased("a"), CLOSED, OPENED],
    effects: "open a, LEASE_READY, close, open a, LEASE_READY",
  },
  {
    what: "a lease that is announced again while beforeLease runs continues",
    rules: BOTH,
    events: [...IN_A, IDLE, leased("a"), hookDone("beforeLease")],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY",
  },
  {
    what: "a lease that is announced again while afterLease runs is released",
    rules: BOTH,
    events: [...READY_A, IDLE, leased("a"), hookDone("afterLease"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, await all, linger, release a, close, AVAILABLE",
  },
  {
    what: "a lease that is announced again after its end is released once",
    rules: AFTER_ONLY,
    events: [
      ...[...IN_A, IDLE, hookDone("afterLease"), READ, LINGERED, CLOSED],
      ...[leased("a"), leased("a")],
    ],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger, " +
      "close, AVAILABLE, release a, AVAILABLE",
  },
  {
    what: "lease A followed by lease B ends A before it starts B",
    rules: NONE,
    events: [...IN_A, leased("b"), CLOSED, OPENED],
    effects: "open a, LEASE_READY, close, open b, LEASE_READY",
  },
  {
    what: "a lease that is announced again after a reconnect does not begin again",
    rules: BOTH,
    events: [...READY_A, leased("a"), leased("a")],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY",
  },
  {
    what:
      "a transferred lease closes what its former client has open, and runs no beforeLease again",
    rules: BOTH,
    events: [...READY_A, leased("a", "heir"), leased("a", "heir"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, transfer a from me to heir, " +
      "AFTER_LEASE_HOOK, afterLease for heir",
  },
  {
    what: "a lease that is transferred while beforeLease runs becomes ready for the new client",
    rules: BOTH,
    events: [...IN_A, END, leased("a", "heir"), hookDone("beforeLease"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, transfer a from me to heir, LEASE_READY, " +
      "AFTER_LEASE_HOOK, afterLease for heir",
  },
  {
    what: "a lease that is transferred while afterLease runs still ends",
    rules: AFTER_ONLY,
    events: [...IN_A, END, leased("a", "heir"), hookDone("afterLease"), READ, LINGERED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, transfer a from me to heir, " +
      "AVAILABLE to clients, await all, linger, release a, close",
  },
  {
    what: "a lease without hooks that is transferred after EndSession becomes ready again",
    rules: NONE,
    events: [...IN_A, END, leased("a", "heir"), END, IDLE],
    effects: "open a, LEASE_READY, AVAILABLE to clients, transfer a from me to heir, " +
      "LEASE_READY, AVAILABLE to clients, close",
  },
  {
    what: "an early EndSession of the former client does not end the session of the new one",
    rules: NONE,
    events: [leased("a"), END, OPENED, leased("a", "heir"), leased("a", "next")],
    effects: "open a, AVAILABLE to clients, transfer a from me to heir, LEASE_READY, " +
      "transfer a from heir to next",
  },
  {
    what: "a client name that arrives late or is missing is not a transfer",
    rules: AFTER_ONLY,
    events: [leased("a", ""), OPENED, leased("a", "heir"), leased("a", ""), IDLE],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease for heir",
  },
  {
    what: "a lease that was transferred during a restart runs afterLease for the new client",
    rules: BOTH,
    saved: saved("a", "ready"),
    events: [leased("a", "heir"), OPENED, IDLE],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease for heir",
  },
  {
    what: "a lease that ends before it is open reports no LEASE_READY and runs no hook",
    rules: BOTH,
    events: [leased("a"), IDLE, OPENED, CLOSED],
    effects: "open a, close, AVAILABLE",
  },
  {
    what: "both hooks run, and the lease is released after EndSession",
    rules: BOTH,
    events: [...READY_A, END, hookDone("afterLease"), READ, LINGERED, CLOSED, leased("a"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, await all, linger, release a, close, AVAILABLE",
  },
  {
    what: "afterLease runs after the controller has revoked the lease, which is not released",
    rules: BOTH,
    events: [...READY_A, IDLE, hookDone("afterLease"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, linger, close, AVAILABLE",
  },
  {
    what:
      "a lease that ends while beforeLease runs waits for it, skips LEASE_READY, runs afterLease",
    rules: BOTH,
    events: [
      ...IN_A,
      IDLE,
      hookDone("beforeLease"),
      hookDone("afterLease"),
      READ,
      LINGERED,
      CLOSED,
    ],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, linger, close, AVAILABLE",
  },
  {
    what: "EndSession while beforeLease runs takes effect when the hook has ended",
    rules: BOTH,
    events: [...IN_A, END, hookDone("beforeLease"), hookDone("afterLease"), READ, LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, await all, linger, release a, close",
  },
  {
    what: "EndSession with beforeLease only releases the lease",
    rules: { beforeLease: { onFailure: "warn" } },
    events: [...READY_A, END, READ, LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AVAILABLE to clients, " +
      "await all, linger, release a, close",
  },
  {
    what: "EndSession followed by the end of the lease runs afterLease once",
    rules: AFTER_ONLY,
    events: [...IN_A, END, IDLE, hookDone("afterLease"), READ, LINGERED, CLOSED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger, " +
      "close, AVAILABLE",
  },
  {
    what: "a lease without a client name runs no afterLease",
    rules: AFTER_ONLY,
    events: [{ type: "leased", lease: { name: "a", client: "" } }, OPENED, IDLE],
    effects: "open a, LEASE_READY, close",
  },
  {
    what: "a failed beforeLease with onFailure warn does not end the lease",
    rules: before("warn"),
    events: [...IN_A, hookDone("beforeLease", "no"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease",
  },
  {
    what: "a failed beforeLease with onFailure endLease releases the lease without afterLease",
    rules: before("endLease"),
    events: [...IN_A, hookDone("beforeLease", "no"), END, READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, BEFORE_LEASE_HOOK_FAILED to controller, linger, release a, close, AVAILABLE",
  },
  {
    what: "a failed beforeLease with onFailure exit stops the exporter without AVAILABLE",
    rules: before("exit"),
    events: [...IN_A, hookDone("beforeLease", "no"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, BEFORE_LEASE_HOOK_FAILED to controller, linger, close, stop by beforeLease",
  },
  {
    what: "a failed beforeLease does not release a lease that was revoked meanwhile",
    rules: before("endLease"),
    events: [...IN_A, IDLE, hookDone("beforeLease", "no"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "BEFORE_LEASE_HOOK_FAILED to controller, linger, close, AVAILABLE",
  },
  {
    what:
      "a failed beforeLease that no client has read yet tells the controller when the lease is over",
    rules: before("endLease"),
    events: [...IN_A, hookDone("beforeLease", "no"), IDLE, READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, BEFORE_LEASE_HOOK_FAILED to controller, linger, close, AVAILABLE",
  },
  {
    what: "a failed beforeLease that no client has read yet keeps no other lease waiting",
    rules: before("endLease"),
    events: [...IN_A, hookDone("beforeLease", "no"), leased("b"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, BEFORE_LEASE_HOOK_FAILED to controller, close, open b",
  },
  {
    what: "stop does not wait for a client that has not read the failure of beforeLease",
    rules: before("exit"),
    events: [...IN_A, hookDone("beforeLease", "no"), STOP, READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, BEFORE_LEASE_HOOK_FAILED to controller, close, stop by beforeLease",
  },
  {
    what: "a lease that is transferred before its failure is read ends for the new client",
    rules: before("endLease"),
    events: [...IN_A, hookDone("beforeLease", "no"), leased("a", "heir"), END, READ, LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED to clients, " +
      "await one, transfer a from me to heir, BEFORE_LEASE_HOOK_FAILED to controller, linger, " +
      "release a, close",
  },
  {
    what: "a failed afterLease with onFailure warn makes the exporter available",
    rules: after("warn"),
    events: [...READY_A, END, hookDone("afterLease", "no"), READ, LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE to clients, await all, linger, release a, close",
  },
  {
    what: "a failed afterLease with onFailure endLease reports the failure and releases the lease",
    rules: after("endLease"),
    events: [...READY_A, END, hookDone("afterLease", "no"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AFTER_LEASE_HOOK_FAILED, await all, linger, release a, close, AVAILABLE",
  },
  {
    what: "a failed afterLease with onFailure exit stops the exporter",
    rules: after("exit"),
    events: [...READY_A, END, hookDone("afterLease", "no"), READ, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AFTER_LEASE_HOOK_FAILED, await all, linger, close, stop by afterLease",
  },
  {
    what: "a lease that is announced while afterLease runs waits until the old one is closed",
    rules: AFTER_ONLY,
    events: [...IN_A, leased("b"), hookDone("afterLease"), CLOSED, OPENED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, " +
      "close, open b, LEASE_READY",
  },
  {
    what: "a lease that is announced while the old one lingers begins without that wait",
    rules: AFTER_ONLY,
    events: [...IN_A, END, hookDone("afterLease"), leased("b"), READ, LINGERED, CLOSED, OPENED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, " +
      "await all, close, open b, LEASE_READY",
  },
  {
    what: "stop closes the current lease, and a lease that was announced since does not begin",
    rules: NONE,
    events: [...IN_A, STOP, leased("b"), CLOSED],
    effects: "open a, LEASE_READY, close, stop",
  },
  {
    what: "stop runs afterLease, and reports its end to clients only",
    rules: AFTER_ONLY,
    events: [...IN_A, STOP, hookDone("afterLease"), READ, LINGERED, CLOSED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger, " +
      "close, stop",
  },
  {
    what: "stop interrupts a running beforeLease and runs no afterLease",
    rules: BOTH,
    events: [...IN_A, STOP, hookDone("beforeLease", "interrupted"), CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, interruptHook, close, stop",
  },
  {
    what: "a second stop interrupts the afterLease hook that the first one let run",
    rules: after("exit"),
    events: [...READY_A, STOP, STOP, hookDone("afterLease", "interrupted"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "interruptHook, AFTER_LEASE_HOOK_FAILED to clients, linger, close, stop",
  },
  {
    what: "a stop after a drain lets afterLease run, and a second stop interrupts it",
    rules: AFTER_ONLY,
    events: [
      ...IN_A,
      DRAIN,
      IDLE,
      STOP,
      STOP,
      hookDone("afterLease", "interrupted"),
      LINGERED,
      CLOSED,
    ],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, interruptHook, " +
      "AFTER_LEASE_HOOK_FAILED to clients, linger, close, stop",
  },
  {
    what: "drain waits for the end of the lease",
    rules: NONE,
    events: [...IN_A, DRAIN, leased("a"), IDLE, CLOSED],
    effects: "open a, LEASE_READY, close, stop",
  },
  {
    what: "a draining exporter does not report AVAILABLE to the controller after EndSession",
    rules: NONE,
    events: [...IN_A, DRAIN, END, IDLE, CLOSED],
    effects: "open a, LEASE_READY, AVAILABLE to clients, close, stop",
  },
  {
    what: "an idle exporter stops at once on stop and on drain",
    rules: BOTH,
    events: [DRAIN],
    effects: "stop",
  },
  {
    what: "a restart during a lease does not run beforeLease again",
    rules: BOTH,
    saved: saved("a", "ready"),
    events: [...IN_A, IDLE, hookDone("afterLease")],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger",
  },
  {
    what: "a restart after afterLease has started releases the lease",
    rules: BOTH,
    saved: saved("a", "done"),
    events: [...IN_A, LINGERED],
    effects: "open a, linger, release a, close",
  },
  {
    what: "a lease that ended while no exporter ran still runs afterLease",
    rules: BOTH,
    saved: saved("a", "ready"),
    events: [IDLE, OPENED, hookDone("afterLease"), READ, LINGERED, CLOSED, IDLE],
    effects: "open a for its hook, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger, " +
      "close, AVAILABLE",
  },
  {
    what: "a lease that was followed by another while no exporter ran runs afterLease first",
    rules: BOTH,
    saved: saved("a", "ready"),
    events: [leased("b"), OPENED, leased("b"), hookDone("afterLease"), CLOSED, OPENED],
    effects: "open a for its hook, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, " +
      "close, open b, BEFORE_LEASE_HOOK, beforeLease",
  },
  {
    what: "a checkpoint without pending work makes the exporter available and is deleted",
    rules: BOTH,
    saved: saved("a", "done"),
    events: [IDLE, IDLE, leased("b"), OPENED],
    effects: "AVAILABLE, open b, BEFORE_LEASE_HOOK, beforeLease",
  },
];

Deno.test("step() saves the new client of a transferred lease", () => {
  let state = initial();
  const kept: (Checkpoint | undefined)[] = [];
  for (const event of [...READY_A, leased("a", "heir")]) {
    const [next, effects] = step(state, event, BOTH);
    state = next;
    for (const effect of effects) if (effect.type === "save") kept.push(effect.checkpoint);
  }
  assert.deepEqual(kept.at(-1), { lease: { name: "a", client: "heir" }, stage: "ready" });
});

for (const { what, rules, events, effects, saved } of CASES) {
  Deno.test(`step(): ${what}`, () => assert.equal(run(rules, events, saved).join(", "), effects));
}
