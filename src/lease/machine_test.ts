import assert from "node:assert/strict";
import fc from "fast-check";
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { initial, step } from "./machine.ts";
import type {
  LeaseEffect,
  LeaseEvent,
  LeaseState,
  Memory,
  OnFailure,
  Rules,
  Transition,
} from "./model.ts";

const leased = (name: string): LeaseEvent => ({ type: "leased", lease: { name, client: "me" } });
const hookDone = (hook: "beforeLease" | "afterLease", failure?: string): LeaseEvent => {
  return { type: "hookDone", hook, failure };
};
const IDLE: LeaseEvent = { type: "idle" };
const OPENED: LeaseEvent = { type: "opened" };
const CLOSED: LeaseEvent = { type: "closed" };
const LINGERED: LeaseEvent = { type: "lingered" };
const END: LeaseEvent = { type: "endSession" };
const STOP: LeaseEvent = { type: "stop" };
const DRAIN: LeaseEvent = { type: "drain" };

/** The effects of `events` in words, without what is only kept for a restart. */
function run(rules: Rules, events: LeaseEvent[], memory?: Memory): string[] {
  let state = initial(memory);
  return events.flatMap((event) => {
    const [next, effects]: Transition = step(state, event, rules);
    state = next;
    return effects.filter(({ type }) => type !== "remember").map(inWords);
  });
}

function inWords(effect: LeaseEffect): string {
  switch (effect.type) {
    case "open":
      return `open ${effect.lease.name}${effect.listen ? "" : " for its hook"}`;
    case "report":
      return `${Status[effect.status]!.slice(16)}${effect.clientsOnly ? " to clients" : ""}`;
    case "runHook":
      return effect.hook;
    case "release":
      return `release ${effect.lease.name}`;
    case "stop":
      return `stop ${effect.exitCode}`;
    default:
      return effect.type;
  }
}

const NONE: Rules = {};
const BOTH: Rules = { beforeLease: { onFailure: "warn" }, afterLease: { onFailure: "warn" } };
const AFTER_ONLY: Rules = { afterLease: { onFailure: "warn" } };

interface Case {
  readonly what: string;
  readonly rules: Rules;
  readonly events: LeaseEvent[];
  readonly effects: string;
  readonly memory?: Memory;
}

const before = (onFailure: OnFailure): Rules => ({ ...BOTH, beforeLease: { onFailure } });
const after = (onFailure: OnFailure): Rules => ({ ...BOTH, afterLease: { onFailure } });

const IN_A = [leased("a"), OPENED];
const READY_A = [...IN_A, hookDone("beforeLease")];
const memory = (name: string, stage: Memory["stage"]): Memory => {
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
    what: "EndSession without hooks says AVAILABLE and leaves the session open",
    rules: NONE,
    events: [...IN_A, END, END, leased("a"), IDLE],
    effects: "open a, LEASE_READY, AVAILABLE, close",
  },
  {
    what: "lease A followed by lease B ends A before it starts B",
    rules: NONE,
    events: [...IN_A, leased("b"), CLOSED, OPENED],
    effects: "open a, LEASE_READY, close, open b, LEASE_READY",
  },
  {
    what: "a lease announced again after a reconnect is not started again",
    rules: BOTH,
    events: [...READY_A, leased("a"), leased("a")],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY",
  },
  {
    what: "a lease that ends before it is open is never told to be ready, and owes no hook",
    rules: BOTH,
    events: [leased("a"), IDLE, OPENED, CLOSED],
    effects: "open a, close, AVAILABLE",
  },
  {
    what: "both hooks run, and the lease is given back after EndSession",
    rules: BOTH,
    events: [...READY_A, END, hookDone("afterLease"), LINGERED, CLOSED, leased("a"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE, linger, release a, close, AVAILABLE",
  },
  {
    what: "the controller ends the lease: afterLease runs, and nothing is given back",
    rules: BOTH,
    events: [...READY_A, IDLE, hookDone("afterLease"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE, linger, close, AVAILABLE",
  },
  {
    what:
      "a lease that ends while beforeLease runs waits for it, skips LEASE_READY, runs afterLease",
    rules: BOTH,
    events: [...IN_A, IDLE, hookDone("beforeLease"), hookDone("afterLease"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE, linger, close, AVAILABLE",
  },
  {
    what: "EndSession while beforeLease runs takes effect when it is done",
    rules: BOTH,
    events: [...IN_A, END, hookDone("beforeLease"), hookDone("afterLease"), LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE, linger, release a, close",
  },
  {
    what: "EndSession with hooks but no afterLease gives the lease back",
    rules: { beforeLease: { onFailure: "warn" } },
    events: [...READY_A, END, LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AVAILABLE, linger, " +
      "release a, close",
  },
  {
    what: "EndSession and the end of the lease run afterLease once",
    rules: AFTER_ONLY,
    events: [...IN_A, END, IDLE, hookDone("afterLease"), LINGERED, CLOSED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE, linger, close, " +
      "AVAILABLE",
  },
  {
    what: "a lease without a client's name runs no afterLease",
    rules: AFTER_ONLY,
    events: [{ type: "leased", lease: { name: "a", client: "" } }, OPENED, IDLE],
    effects: "open a, LEASE_READY, close",
  },
  {
    what: "a failed beforeLease that warns goes on",
    rules: before("warn"),
    events: [...IN_A, hookDone("beforeLease", "no"), IDLE],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease",
  },
  {
    what: "a failed beforeLease that ends the lease gives it back, without afterLease",
    rules: before("endLease"),
    events: [...IN_A, hookDone("beforeLease", "no"), END, LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED, linger, " +
      "release a, close, AVAILABLE",
  },
  {
    what:
      "a failed beforeLease that exits stops the exporter with 1, without being available again",
    rules: before("exit"),
    events: [...IN_A, hookDone("beforeLease", "no"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED, linger, close, " +
      "stop 1",
  },
  {
    what: "a failed beforeLease of a lease that is over meanwhile gives nothing back",
    rules: before("endLease"),
    events: [...IN_A, IDLE, hookDone("beforeLease", "no"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, BEFORE_LEASE_HOOK_FAILED, linger, close, " +
      "AVAILABLE",
  },
  {
    what: "a failed afterLease that warns is available",
    rules: after("warn"),
    events: [...READY_A, END, hookDone("afterLease", "no"), LINGERED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AVAILABLE, linger, release a, close",
  },
  {
    what: "a failed afterLease that ends the lease says so and gives it back",
    rules: after("endLease"),
    events: [...READY_A, END, hookDone("afterLease", "no"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AFTER_LEASE_HOOK_FAILED, linger, release a, close, AVAILABLE",
  },
  {
    what: "a failed afterLease that exits stops the exporter with 1",
    rules: after("exit"),
    events: [...READY_A, END, hookDone("afterLease", "no"), LINGERED, CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, LEASE_READY, AFTER_LEASE_HOOK, afterLease, " +
      "AFTER_LEASE_HOOK_FAILED, linger, close, stop 1",
  },
  {
    what: "a lease that comes while afterLease runs waits until all of the old one is over",
    rules: AFTER_ONLY,
    events: [...IN_A, leased("b"), hookDone("afterLease"), LINGERED, CLOSED, OPENED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE, linger, close, " +
      "open b, LEASE_READY",
  },
  {
    what: "a stop in a lease closes it first, and no lease that came since is begun",
    rules: NONE,
    events: [...IN_A, STOP, leased("b"), CLOSED],
    effects: "open a, LEASE_READY, close, stop 0",
  },
  {
    what: "a stop in a lease with hooks runs afterLease, and tells only clients of its end",
    rules: AFTER_ONLY,
    events: [...IN_A, STOP, hookDone("afterLease"), LINGERED, CLOSED],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE to clients, linger, " +
      "close, stop 0",
  },
  {
    what: "a stop while beforeLease runs interrupts it and runs no afterLease",
    rules: BOTH,
    events: [...IN_A, STOP, hookDone("beforeLease", "interrupted"), CLOSED],
    effects: "open a, BEFORE_LEASE_HOOK, beforeLease, interruptHook, close, stop 0",
  },
  {
    what: "a drain waits for the lease to end",
    rules: NONE,
    events: [...IN_A, DRAIN, leased("a"), IDLE, CLOSED],
    effects: "open a, LEASE_READY, close, stop 0",
  },
  {
    what: "a drained exporter does not draw another lease after EndSession",
    rules: NONE,
    events: [...IN_A, DRAIN, END, IDLE, CLOSED],
    effects: "open a, LEASE_READY, AVAILABLE to clients, close, stop 0",
  },
  {
    what: "an idle exporter stops and drains at once",
    rules: BOTH,
    events: [DRAIN],
    effects: "stop 0",
  },
  {
    what: "a restart inside a lease runs beforeLease no second time",
    rules: BOTH,
    memory: memory("a", "ready"),
    events: [...IN_A, IDLE, hookDone("afterLease")],
    effects: "open a, LEASE_READY, AFTER_LEASE_HOOK, afterLease, AVAILABLE, linger",
  },
  {
    what: "a restart after afterLease began gives the lease back",
    rules: BOTH,
    memory: memory("a", "done"),
    events: [...IN_A, LINGERED],
    effects: "open a, linger, release a, close",
  },
  {
    what: "a lease that ended while no exporter ran still gets its afterLease",
    rules: BOTH,
    memory: memory("a", "ready"),
    events: [IDLE, OPENED, hookDone("afterLease"), LINGERED, CLOSED, IDLE],
    effects: "open a for its hook, AFTER_LEASE_HOOK, afterLease, AVAILABLE, linger, close, " +
      "AVAILABLE",
  },
  {
    what: "a lease that was followed by another while no exporter ran gets its afterLease first",
    rules: BOTH,
    memory: memory("a", "ready"),
    events: [leased("b"), OPENED, leased("b"), hookDone("afterLease"), LINGERED, CLOSED, OPENED],
    effects: "open a for its hook, AFTER_LEASE_HOOK, afterLease, AVAILABLE, linger, close, " +
      "open b, BEFORE_LEASE_HOOK, beforeLease",
  },
  {
    what: "a memory without work left makes the exporter available and is forgotten",
    rules: BOTH,
    memory: memory("a", "done"),
    events: [IDLE, IDLE, leased("b"), OPENED],
    effects: "AVAILABLE, open b, BEFORE_LEASE_HOOK, beforeLease",
  },
];

for (const { what, rules, events, effects, memory } of CASES) {
  Deno.test(what, () => assert.equal(run(rules, events, memory).join(", "), effects));
}

/** Answers that the world owes the machine, and everything that anybody may say at any time. */
const outside: fc.Arbitrary<LeaseEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "c").map(leased) },
  { weight: 2, arbitrary: fc.constant(IDLE) },
  fc.constantFrom(END, OPENED, CLOSED, LINGERED),
  fc.constantFrom(hookDone("beforeLease"), hookDone("afterLease")),
);

/** How the world answers the effects that wait for an answer. */
const answer = fc.record({ fails: fc.boolean(), late: fc.integer({ min: 0, max: 3 }) });

const failure: fc.Arbitrary<OnFailure> = fc.constantFrom("warn", "endLease", "exit");
const rules: fc.Arbitrary<Rules> = fc.record(
  { beforeLease: fc.record({ onFailure: failure }), afterLease: fc.record({ onFailure: failure }) },
  { requiredKeys: [] },
);

/** The exporter around the machine, as far as the promises are about it. */
class World {
  state: LeaseState;
  open: string | undefined;
  listening = false;
  /** The last status that the controller was told. */
  told: Status | undefined;
  stopped = false;
  /** Effects that wait for their answer, with how many further events go before it. */
  pending: { event: LeaseEvent; late: number }[] = [];
  /** For each lease, in order: the hooks that began, and how they ended. */
  readonly hooks = new Map<string, string[]>();
  readonly kept: { memory: Memory | undefined } = { memory: undefined };
  readonly #rules: Rules;
  readonly #answers: Iterator<{ fails: boolean; late: number }>;

  constructor(rules: Rules, answers: { fails: boolean; late: number }[], memory?: Memory) {
    this.#rules = rules;
    this.#answers = answers[Symbol.iterator]();
    this.state = initial(memory);
  }

  /** An event from outside. Answers to questions that were not asked do not happen. */
  say(event: LeaseEvent): void {
    const asked = ["opened", "closed", "lingered", "hookDone"].includes(event.type);
    if (!asked) this.#take(event);
    this.#answer();
  }

  /** Everything that was asked is answered, and what follows from it, too. */
  settle(): void {
    for (let turn = 0; this.pending.length > 0; turn++) {
      assert.ok(turn < 100, "the machine never comes to rest");
      this.#answer();
    }
  }

  #answer(): void {
    const due = this.pending.filter(({ late }) => late <= 0);
    this.pending = this.pending.filter(({ late }) => late > 0);
    for (const each of this.pending) each.late -= 1;
    for (const { event } of due) this.#take(event);
  }

  #take(event: LeaseEvent): void {
    if (event.type === "hookDone") {
      const name = this.state.lease!.name;
      this.hooks.get(name)!.push(event.failure === undefined ? "ok" : "failed");
    }
    if (event.type === "opened") this.listening = this.state.phase === "opening";
    if (event.type === "closed") this.open = undefined;
    const [next, effects] = step(this.state, event, this.#rules);
    this.state = next;
    for (const effect of effects) this.#do(effect);
  }

  #ask(event: (fails: boolean) => LeaseEvent): void {
    const { value = { fails: false, late: 0 } } = this.#answers.next();
    this.pending.push({ event: event(value.fails), late: value.late });
  }

  #do(effect: LeaseEffect): void {
    switch (effect.type) {
      case "open":
        assert.equal(this.open, undefined, "two leases are open at the same time");
        this.open = effect.lease.name;
        this.listening = false;
        if (!this.hooks.has(this.open)) this.hooks.set(this.open, []);
        return this.#ask(() => OPENED);
      case "close":
        this.listening = false;
        this.pending = this.pending.filter(({ event }) => event.type === "closed");
        return this.#ask(() => CLOSED);
      case "linger":
        return this.#ask(() => LINGERED);
      case "runHook":
        this.hooks.get(this.open!)!.push(effect.hook);
        return this.#ask((fails) => hookDone(effect.hook, fails ? "no" : undefined));
      case "report":
        if (effect.status === Status.EXPORTER_STATUS_LEASE_READY) {
          assert.ok(this.listening, "LEASE_READY without Listen");
        }
        if (effect.clientsOnly) return;
        if (this.state.leaving !== "no") {
          assert.notEqual(
            effect.status,
            Status.EXPORTER_STATUS_AVAILABLE,
            "draws a lease and leaves",
          );
        }
        this.told = effect.status;
        return;
      case "remember":
        this.kept.memory = effect.memory;
        return;
      case "stop":
        assert.equal(this.open, undefined, "stops with an open lease");
        this.stopped = true;
    }
  }
}

const RUNS = { numRuns: 2_000 };

const scenario = fc.record({
  rules,
  answers: fc.array(answer, { maxLength: 40 }),
  events: fc.array(outside, { maxLength: 50 }),
});

Deno.test("whatever happens, the exporter becomes available again, unless a hook ended it", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      const world = new World(rules, answers);
      for (const each of events) world.say(each);
      world.say(IDLE);
      world.settle();
      if (world.stopped) return assert.equal(world.state.exitCode, 1);
      assert.equal(world.state.phase, "idle");
      assert.equal(world.kept.memory, undefined);
      if (world.told !== undefined) assert.equal(world.told, Status.EXPORTER_STATUS_AVAILABLE);
      world.say(leased("next"));
      assert.equal(world.open, "next");
    }),
    RUNS,
  );
});

Deno.test("whatever happens, afterLease runs once for each beforeLease that did not fail", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      // Each lease has a name of its own, as with a real controller.
      const unique = events.map((event, index) => {
        return event.type === "leased" && index % 3 === 0 ? leased(`lease-${index}`) : event;
      });
      const world = new World(rules, answers);
      for (const each of unique) world.say(each);
      world.say(IDLE);
      world.settle();
      for (const [name, seen] of world.hooks) {
        if (!name.startsWith("lease-")) continue;
        const text = seen.join(" ");
        const warns = rules.beforeLease?.onFailure === "warn";
        const passed = text.startsWith("beforeLease ok") ||
          (warns && text.startsWith("beforeLease f"));
        const afters = seen.filter((word) => word === "afterLease").length;
        assert.ok(afters <= 1, text);
        if (rules.beforeLease && rules.afterLease) assert.equal(afters, passed ? 1 : 0, text);
        if (afters > 0 && rules.beforeLease) assert.match(text, /^beforeLease \w+ afterLease/);
      }
    }),
    RUNS,
  );
});

Deno.test("whatever happens, a stop ends in a stop, and never by way of AVAILABLE", () => {
  fc.assert(
    fc.property(scenario, fc.constantFrom(STOP, DRAIN), fc.array(outside), (before, end, after) => {
      const world = new World(before.rules, before.answers);
      for (const each of before.events) world.say(each);
      world.say(end);
      for (const each of after) world.say(each);
      if (end.type === "drain") world.say(IDLE);
      world.settle();
      assert.ok(world.stopped, world.state.phase);
    }),
    RUNS,
  );
});

Deno.test("whatever happens, a restart inside a lease runs no beforeLease that was done", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      const world = new World(rules, answers);
      for (const each of events) world.say(each);
      const { memory } = world.kept;
      if (!memory || world.stopped) return;
      const again = new World(rules, [], memory);
      again.say({ type: "leased", lease: memory.lease });
      again.settle();
      assert.ok(!(again.hooks.get(memory.lease.name) ?? []).includes("beforeLease"));
      again.say(IDLE);
      again.settle();
      assert.equal(again.kept.memory, undefined);
    }),
    RUNS,
  );
});
