import assert from "node:assert/strict";
import { Deadline, fulfilledWithin, withDeadline } from "./deadline.ts";

const never = new Promise<never>(() => {});

/** Counts who listens to a signal: a wait that has ended must not. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  let count = 0;
  const { addEventListener, removeEventListener } = controller.signal;
  Object.assign(controller.signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      count += 1;
      return addEventListener.apply(controller.signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      count -= 1;
      return removeEventListener.apply(controller.signal, args);
    },
  });
  return { controller, listeners: () => count };
}

Deno.test("withDeadline() returns the outcome of a promise that settles in time", async () => {
  const { controller: { signal }, listeners } = counted();
  const bound = { ms: 60_000, signal };
  assert.equal(await withDeadline(Promise.resolve(1), bound), 1);
  await assert.rejects(withDeadline(Promise.reject(new Error("own")), bound), /own/);
  assert.equal(listeners(), 0);
});

Deno.test("withDeadline() fails with the error of `late` after its time, else with a TimeoutError", async () => {
  const late = () => new RangeError("no answer");
  await assert.rejects(withDeadline(never, { ms: 5, late }), /RangeError: no answer/);
  await assert.rejects(withDeadline(never, { ms: 5 }), {
    name: "TimeoutError",
    message: "no end within 0.005 s",
  });
});

Deno.test("withDeadline() fails with the reason of a signal that aborts before or during the wait", async () => {
  await assert.rejects(withDeadline(never, { signal: AbortSignal.abort(new Error("gone")) }), {
    message: "gone",
  });
  const { controller, listeners } = counted();
  const waiting = withDeadline(never, { ms: 60_000, signal: controller.signal });
  controller.abort(new Error("left"));
  await assert.rejects(waiting, { message: "left" });
  assert.equal(listeners(), 0);
});

Deno.test("withDeadline() ignores a rejection after its time", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  await assert.rejects(withDeadline(promise, { ms: 1 }), { name: "TimeoutError" });
  reject(new Error("too late to matter"));
  // An unhandled rejection would fail this test.
  await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("fulfilledWithin() returns whether a promise was fulfilled in time", async () => {
  const { controller, listeners } = counted();
  const { signal } = controller;
  assert.equal(await fulfilledWithin(60_000, Promise.resolve(), signal), true);
  assert.equal(await fulfilledWithin(5, never), false);
  await assert.rejects(fulfilledWithin(60_000, Promise.reject(new Error("own")), signal), /own/);
  const waiting = fulfilledWithin(60_000, never, signal);
  controller.abort();
  assert.equal(await waiting, false);
  assert.equal(await fulfilledWithin(60_000, never, signal), false);
  assert.equal(listeners(), 0);
});

Deno.test("Deadline aborts after its time, or when the signal around it aborts", async () => {
  using late = new Deadline({ ms: 5, late: () => new Error("late") });
  await new Promise((resolve) => late.signal.addEventListener("abort", resolve));
  assert.equal(late.signal.reason.message, "late");

  const { controller, listeners } = counted();
  using inner = new Deadline({ ms: 60_000, signal: controller.signal });
  assert.equal(inner.signal.aborted, false);
  controller.abort(new Error("left"));
  assert.equal(inner.signal.reason.message, "left");
  using after = new Deadline({ signal: controller.signal });
  assert.equal(after.signal.reason.message, "left");
  inner[Symbol.dispose]();
  after[Symbol.dispose]();
  assert.equal(listeners(), 0);
});

Deno.test("Deadline aborts its signal when it is disposed", () => {
  const deadline = new Deadline({ ms: 60_000 });
  deadline[Symbol.dispose]();
  assert.equal(deadline.signal.reason.name, "AbortError");
});
