import assert from "node:assert/strict";
import { sleep, SleepGroup } from "./sleep.ts";

const LONG_MS = 60_000;

Deno.test("sleep() waits for at least the given time", async () => {
  const start = performance.now();
  await sleep(20);
  assert.ok(performance.now() - start >= 19);
});

Deno.test("sleep() ends when its signal aborts, and at once if it has aborted", async () => {
  const controller = new AbortController();
  const sleeping = sleep(LONG_MS, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(LONG_MS, controller.signal);
});

Deno.test("sleep() waits for longer than a timer can", async () => {
  for (const ms of [2 ** 31, 1e12, Infinity]) {
    const controller = new AbortController();
    let over = false;
    const long = sleep(ms, controller.signal).then(() => over = true);
    await sleep(20);
    assert.equal(over, false, String(ms));
    controller.abort();
    await long;
  }
});

Deno.test("SleepGroup.wake() ends all current sleeps, but none that begins later", async () => {
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
