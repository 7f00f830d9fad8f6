import assert from "node:assert/strict";
import fc from "fast-check";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import { INITIAL, type LeaseEffect, type LeaseEvent, type LeaseState, step } from "./machine.ts";

const READY = ExporterStatus.EXPORTER_STATUS_LEASE_READY;
const AVAILABLE = ExporterStatus.EXPORTER_STATUS_AVAILABLE;

const leased = (name: string): LeaseEvent => ({ type: "leased", lease: { name, client: "me" } });
const IDLE: LeaseEvent = { type: "idle" };
const OPENED: LeaseEvent = { type: "opened" };
const CLOSED: LeaseEvent = { type: "closed" };

/** The effects of `events`, in words. */
function run(...events: LeaseEvent[]): string[] {
  let state = INITIAL;
  return events.flatMap((event) => {
    const [next, effects] = step(state, event);
    state = next;
    return effects.map(inWords);
  });
}

function inWords(effect: LeaseEffect): string {
  if (effect.type === "open") return `open ${effect.lease.name}`;
  return effect.type === "report" ? ExporterStatus[effect.status]!.slice(16) : effect.type;
}

Deno.test("a lease opens, is ready once it listens, closes, and leaves the exporter available", () => {
  assert.deepEqual(run(leased("a"), OPENED, IDLE, CLOSED), [
    "open a",
    "LEASE_READY",
    "close",
    "AVAILABLE",
  ]);
});

Deno.test("EndSession says AVAILABLE and leaves the session open until the lease is over", () => {
  assert.deepEqual(run(leased("a"), OPENED, { type: "endSession" }, { type: "endSession" }), [
    "open a",
    "LEASE_READY",
    "AVAILABLE",
  ]);
  assert.deepEqual(run(leased("a"), OPENED, { type: "endSession" }, leased("a"), IDLE).slice(3), [
    "close",
  ]);
});

Deno.test("lease A followed by lease B ends A before it starts B", () => {
  assert.deepEqual(run(leased("a"), OPENED, leased("b"), CLOSED, OPENED), [
    "open a",
    "LEASE_READY",
    "close",
    "open b",
    "LEASE_READY",
  ]);
});

Deno.test("a lease announced again after a reconnect is not started again", () => {
  assert.deepEqual(run(leased("a"), OPENED, leased("a"), leased("a")), ["open a", "LEASE_READY"]);
});

Deno.test("a lease that ends before it listens is never told to be ready", () => {
  assert.deepEqual(run(leased("a"), IDLE, OPENED, CLOSED), ["open a", "close", "AVAILABLE"]);
});

Deno.test("a stop in a lease closes it first, and only the last of the leases that came since", () => {
  assert.deepEqual(run(leased("a"), OPENED, { type: "stop" }, leased("b"), CLOSED), [
    "open a",
    "LEASE_READY",
    "close",
    "stop",
  ]);
});

Deno.test("a drain waits for the lease to end, and a stop after it does not", () => {
  assert.deepEqual(run({ type: "drain" }), ["stop"]);
  assert.deepEqual(run(leased("a"), OPENED, { type: "drain" }, IDLE, CLOSED).slice(2), [
    "close",
    "stop",
  ]);
  assert.deepEqual(run(leased("a"), { type: "drain" }, { type: "stop" }, CLOSED).slice(1), [
    "close",
    "stop",
  ]);
});

const event: fc.Arbitrary<LeaseEvent> = fc.oneof(
  fc.constantFrom("a", "b", "c").map(leased),
  fc.constantFrom<LeaseEvent>(IDLE, OPENED, CLOSED, { type: "endSession" }),
);

/** A world that answers effects: what is open there, and what was told last. */
class World {
  state: LeaseState = INITIAL;
  open: string | undefined;
  listening = false;
  told: ExporterStatus | undefined;
  stopped = false;

  take(event: LeaseEvent): void {
    if (event.type === "opened" && this.open === undefined) return;
    if (event.type === "closed" && this.state.phase !== "closing") return;
    if (event.type === "opened") this.listening = true;
    if (event.type === "closed") this.open = undefined;
    const [next, effects] = step(this.state, event);
    this.state = next;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: LeaseEffect): void {
    if (effect.type === "open") {
      assert.equal(this.open, undefined, "two leases open at the same time");
      this.open = effect.lease.name;
      this.listening = false;
    } else if (effect.type === "close") this.listening = false;
    else if (effect.type === "report") {
      if (effect.status === READY) assert.ok(this.listening, "ready without listening");
      this.told = effect.status;
    } else this.stopped = true;
  }
}

Deno.test("whatever happens, leases never overlap and the exporter becomes available again", () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 60 }), (events) => {
    const world = new World();
    for (const each of events) world.take(each);
    for (const each of [IDLE, CLOSED]) world.take(each);
    assert.deepEqual(world.state, INITIAL);
    assert.equal(world.open, undefined);
    if (events.some(({ type }) => type === "leased")) assert.equal(world.told, AVAILABLE);
    world.take(leased("next"));
    assert.equal(world.open, "next");
  }));
});

Deno.test("whatever happens, a stop ends in a stop once the lease is closed", () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 40 }), fc.array(event), (before, after) => {
    const world = new World();
    for (const each of before) world.take(each);
    world.take({ type: "stop" });
    for (const each of after) world.take(each);
    world.take(CLOSED);
    assert.ok(world.stopped);
    assert.equal(world.open, undefined);
  }));
});
