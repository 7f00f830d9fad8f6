import assert from "node:assert/strict";
import { sleep, SleepGroup } from "./sleep.ts";

const LONG_MS = 60_000;

Deno.test("sleep() lasts as long as it is told to", async () => {
  const start = performance.now();
  await sleep(20);
  assert.ok(performance.now() - start >= 19);
});

Deno.test("sleep() ends with its signal, and at once where that has aborted", async () => {
  const controller = new AbortController();
  const sleeping = sleep(LONG_MS, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(LONG_MS, controller.signal);
});

Deno.test("SleepGroup wakes all present sleeps, and none that begins later", async () => {
  const group = new SleepGroup();
  const controller = new AbortController();
  const sleeping = [1, 2].map(() => group.sleep(LONG_MS, controller.signal));
  group.wake();
  await Promise.all(sleeping);
  let over = false;
  const later = group.sleep(LONG_MS, controller.signal).then(() => over = true);
  await sleep(5);
  assert.equal(over, false);
  controller.abort();
  await later;
});
