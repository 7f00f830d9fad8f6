/** Tests the invariants of the lease machine with random sequences of events. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import type { LeaseState } from "./state.ts";
import { DRAIN, END, IDLE, leased, outside, scenario, STOP, World } from "./testing.ts";

const RUNS = { numRuns: 2_000 };

Deno.test("the lease machine always makes the exporter available again, unless a hook stopped it", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      const world = new World(rules, answers);
      for (const each of events) world.say(each);
      world.say(IDLE);
      world.settle();
      const { state } = world;
      if (state.phase === "stopped") return assert.ok(state.failedHook);
      assert.ok(!world.stopped);
      assert.equal(state.phase, "idle");
      assert.equal(world.kept.checkpoint, undefined);
      if (world.told !== undefined) assert.equal(world.told, Status.EXPORTER_STATUS_AVAILABLE);
      world.say(leased("next"));
      assert.equal(world.open, "next");
    }),
    RUNS,
  );
});

Deno.test("the lease machine runs afterLease once for each beforeLease that did not fail", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      // Each lease has its own name, as with a real controller.
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

/** Leases, one after the other, that are announced, ended and revoked in any order. */
const returning = fc.array(
  fc.array(fc.constantFrom("leased", "idle", "end"), { minLength: 1, maxLength: 12 }),
  { maxLength: 6 },
);

Deno.test("the lease machine runs no hook twice in a lease, and releases a past lease that is announced again", () => {
  fc.assert(
    fc.property(scenario, returning, ({ rules, answers }, leases) => {
      const world = new World(rules, answers);
      for (const [index, words] of leases.entries()) {
        const name = `lease-${index}`;
        world.say(leased(name));
        for (const word of words) {
          world.say(word === "leased" ? leased(name) : word === "idle" ? IDLE : END);
        }
      }
      const last = `lease-${leases.length - 1}`;
      world.say(IDLE);
      world.settle();
      if (leases.length > 0) world.say(leased(last));
      world.settle();
      for (const [name, seen] of world.hooks) {
        const text = `${name}: ${seen.join(" ")}`;
        for (const hook of ["beforeLease", "afterLease"]) {
          assert.ok(seen.filter((word) => word === hook).length <= 1, text);
        }
      }
      if (leases.length === 0 || world.stopped || world.open === last) return;
      assert.equal(world.released, last, "a past lease that was not released");
      assert.equal(world.told, Status.EXPORTER_STATUS_AVAILABLE);
    }),
    RUNS,
  );
});

/** Events after a stop or drain, which may be repeated. */
const later = fc.oneof({ weight: 6, arbitrary: outside }, fc.constantFrom(STOP, DRAIN));

Deno.test("the lease machine always stops after stop or drain, without reporting AVAILABLE", () => {
  fc.assert(
    fc.property(scenario, fc.constantFrom(STOP, DRAIN), fc.array(later), (before, end, after) => {
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

const {
  EXPORTER_STATUS_AVAILABLE: AVAILABLE,
  EXPORTER_STATUS_BEFORE_LEASE_HOOK: BEFORE,
  EXPORTER_STATUS_LEASE_READY: READY,
  EXPORTER_STATUS_AFTER_LEASE_HOOK: AFTER,
} = Status;

/** The status that the controller must have received last, in the phases that have their own. */
const HOLDS: Partial<Record<LeaseState["phase"], Status>> = {
  idle: AVAILABLE,
  before: BEFORE,
  ready: READY,
  after: AFTER,
};

Deno.test("the lease machine reports to the controller the status of each phase", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      const world = new World(rules, answers);
      // The exporter reports this when it has registered.
      world.told = AVAILABLE;
      for (const each of events) {
        world.say(each);
        const { phase } = world.state;
        const holds = HOLDS[phase];
        if (holds !== undefined) assert.equal(world.told, holds, phase);
      }
    }),
    RUNS,
  );
});

Deno.test("the lease machine does not run beforeLease again after a restart during a lease", () => {
  fc.assert(
    fc.property(scenario, ({ rules, answers, events }) => {
      const world = new World(rules, answers);
      for (const each of events) world.say(each);
      const { checkpoint } = world.kept;
      if (!checkpoint || world.stopped) return;
      const again = new World(rules, [], checkpoint);
      again.say({ type: "leased", lease: checkpoint.lease });
      again.settle();
      assert.ok(!(again.hooks.get(checkpoint.lease.name) ?? []).includes("beforeLease"));
      again.say(IDLE);
      again.settle();
      assert.equal(again.kept.checkpoint, undefined);
    }),
    RUNS,
  );
});

Deno.test("the lease machine runs no hook twice in a lease if the process restarts after beforeLease", () => {
  const words = fc.array(fc.constantFrom("leased", "end"), { maxLength: 30 });
  fc.assert(
    fc.property(scenario, words, ({ rules, answers }, words) => {
      const world = new World(rules, answers);
      world.say(leased("a"));
      for (const word of words) world.say(word === "end" ? END : leased("a"));
      if (world.stopped || world.state.phase === "before") return;
      const first = world.hooks.get("a") ?? [];
      const again = new World(rules, [], world.kept.checkpoint);
      again.say(leased("a"));
      again.settle();
      again.say(IDLE);
      again.settle();
      assert.equal(again.kept.checkpoint, undefined);
      const seen = [...first, ...again.hooks.get("a") ?? []];
      for (const hook of ["beforeLease", "afterLease"]) {
        assert.ok(seen.filter((word) => word === hook).length <= 1, seen.join(" "));
      }
    }),
    RUNS,
  );
});
