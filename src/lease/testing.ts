/** Simulates the environment of the lease machine in tests: any events, in any order. @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { initial, step } from "./machine.ts";
import type {
  Checkpoint,
  HookName,
  Lease,
  LeaseEffect,
  LeaseEvent,
  OnFailure,
  Rules,
} from "./model.ts";
import type { LeaseState } from "./state.ts";

/** The event that the controller announces a lease. */
export const leased = (name: string, client = "me"): LeaseEvent => {
  return { type: "leased", lease: { name, client } };
};

/** The event that a hook has ended, with the reason if it failed. */
export const hookDone = (hook: HookName, failure?: string): LeaseEvent => {
  return { type: "hookDone", hook, failure };
};

export const IDLE: LeaseEvent = { type: "idle" };
export const OPENED: LeaseEvent = { type: "opened" };
export const CLOSED: LeaseEvent = { type: "closed" };
export const READ: LeaseEvent = { type: "statusRead" };
export const LINGERED: LeaseEvent = { type: "lingered" };
export const END: LeaseEvent = { type: "endSession" };
export const STOP: LeaseEvent = { type: "stop" };
export const DRAIN: LeaseEvent = { type: "drain" };

/** Any event from outside; {@linkcode World.say} drops answers to effects that did not occur. */
export const outside: fc.Arbitrary<LeaseEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "c").map((name) => leased(name)) },
  { weight: 2, arbitrary: fc.constantFrom("a", "b", "c").map((name) => leased(name, "heir")) },
  { weight: 2, arbitrary: fc.constant(IDLE) },
  fc.constantFrom(END, OPENED, CLOSED, READ, LINGERED),
  fc.constantFrom(hookDone("beforeLease"), hookDone("afterLease")),
);

/** How an effect that needs an answer is answered. */
const answer = fc.record({ fails: fc.boolean(), late: fc.integer({ min: 0, max: 3 }) });

const failure: fc.Arbitrary<OnFailure> = fc.constantFrom("warn", "endLease", "exit");
const rules: fc.Arbitrary<Rules> = fc.record(
  { beforeLease: fc.record({ onFailure: failure }), afterLease: fc.record({ onFailure: failure }) },
  { requiredKeys: [] },
);

/** Any hooks, events and answers. */
export const scenario = fc.record({
  rules,
  answers: fc.array(answer, { maxLength: 40 }),
  events: fc.array(outside, { maxLength: 50 }),
});

/** Simulates an exporter around the machine, and asserts its invariants. */
export class World {
  state: LeaseState;
  open: string | undefined;
  /** The client whose connections are served. */
  served: string | undefined;
  listening = false;
  /** The last status that the controller received. */
  told: Status | undefined;
  /** The released lease, until the controller announces another one or none. */
  released: string | undefined;
  stopped = false;
  /** Answers that are pending, each with the number of events that come before it. */
  pending: { event: LeaseEvent; late: number }[] = [];
  /** The hooks that started in each lease, and how they ended, in order. */
  readonly hooks = new Map<string, string[]>();
  readonly kept: { checkpoint: Checkpoint | undefined } = { checkpoint: undefined };
  readonly #rules: Rules;
  readonly #answers: Iterator<{ fails: boolean; late: number }>;

  constructor(rules: Rules, answers: { fails: boolean; late: number }[], saved?: Checkpoint) {
    this.#rules = rules;
    this.#answers = answers[Symbol.iterator]();
    this.state = initial(saved);
  }

  /** Dispatches an event from outside, unless it is an answer: those come from {@linkcode pending}. */
  say(event: LeaseEvent): void {
    const asked = ["opened", "closed", "statusRead", "lingered", "hookDone"].includes(event.type);
    const named = event.type === "leased" ? event.lease.name : undefined;
    if (event.type === "idle" || named && named !== this.released) this.released = undefined;
    if (!asked) this.#take(event);
    this.#answer();
  }

  /** Answers all effects, also those that follow from the answers. */
  settle(): void {
    for (let turn = 0; this.pending.length > 0; turn++) {
      assert.ok(turn < 100, "the machine does not come to rest");
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
      this.hooks.get(leaseOf(this.state))!.push(event.failure === undefined ? "ok" : "failed");
    }
    if (event.type === "opened") this.listening = this.state.phase === "opening";
    if (event.type === "closed") this.open = undefined;
    const [next, effects] = step(this.state, event, this.#rules);
    this.state = next;
    for (const effect of effects) this.#do(effect);
    if (event.type === "leased") this.#checkHolder(event.lease);
  }

  /** Asserts that the client that holds the lease is the one that is served. */
  #checkHolder({ name, client }: Lease): void {
    const { state } = this;
    if (this.open !== name || state.phase === "closing") return;
    if ("revoked" in state && state.revoked) return;
    if (client !== "") assert.equal(this.served, client, "another client is served");
  }

  #ask(event: (fails: boolean) => LeaseEvent): void {
    const { value = { fails: false, late: 0 } } = this.#answers.next();
    this.pending.push({ event: event(value.fails), late: value.late });
  }

  /** Notes a status for the controller, which may assign a lease as soon as it receives AVAILABLE. */
  #tell(status: Status): void {
    if (status === Status.EXPORTER_STATUS_AVAILABLE) {
      assert.ok(isStaying(this.state), "reports AVAILABLE although it stops");
      assert.equal(this.open, undefined, "reports AVAILABLE while a session is open");
    }
    this.told = status;
  }

  /** Lets the running hook fail now. */
  #interrupt(): void {
    const running = this.pending.find(({ event }) => event.type === "hookDone")!;
    const { hook } = running.event as LeaseEvent & { type: "hookDone" };
    Object.assign(running, { event: hookDone(hook, "interrupted"), late: 0 });
  }

  #do(effect: LeaseEffect): void {
    switch (effect.type) {
      case "open":
        assert.equal(this.open, undefined, "two leases are open at the same time");
        assert.notEqual(
          effect.lease.name,
          this.released,
          "a released lease begins again",
        );
        this.open = effect.lease.name;
        this.served = effect.lease.client;
        this.listening = false;
        if (!this.hooks.has(this.open)) this.hooks.set(this.open, []);
        return this.#ask(() => OPENED);
      case "transfer":
        assert.equal(effect.lease.name, this.open, "the lease of another session is transferred");
        assert.equal(effect.from, this.served);
        this.served = effect.lease.client;
        return;
      case "close":
        this.listening = false;
        this.pending = this.pending.filter(({ event }) => event.type === "closed");
        return this.#ask(() => CLOSED);
      case "awaitReaders":
        if (effect.readers === "one") {
          assert.equal(
            this.told,
            Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK,
            "no client can connect",
          );
        }
        return this.#ask(() => READ);
      case "linger":
        return this.#ask(() => LINGERED);
      case "interruptHook":
        return this.#interrupt();
      case "release":
        this.released = effect.lease.name;
        return;
      case "runHook":
        assert.equal(effect.lease.name, this.open);
        if (this.served !== "") {
          assert.equal(effect.lease.client, this.served, "a hook runs for another client");
        }
        this.hooks.get(this.open!)!.push(effect.hook);
        return this.#ask((fails) => hookDone(effect.hook, fails ? "no" : undefined));
      case "report":
        if (effect.status === Status.EXPORTER_STATUS_LEASE_READY) {
          assert.ok(this.listening, "LEASE_READY without Listen");
        }
        if (effect.to !== "clients") this.#tell(effect.status);
        return;
      case "save":
        this.kept.checkpoint = effect.checkpoint;
        return;
      case "stop":
        assert.equal(this.open, undefined, "stops with an open lease");
        this.stopped = true;
        return;
    }
    effect satisfies never;
  }
}

/** Returns the name of the lease that the machine holds. */
function leaseOf(state: LeaseState): string {
  assert.ok("lease" in state, `${state.phase} has no lease`);
  return state.lease.name;
}

function isStaying(state: LeaseState): boolean {
  return state.phase !== "stopped" && !("shutdown" in state && state.shutdown !== "none");
}
