import assert from "node:assert/strict";
import { Hurry, sleep } from "./sleep.ts";

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

Deno.test("Hurry ends the sleeps of this moment, and none that begins later", async () => {
  const hurry = new Hurry();
  const controller = new AbortController();
  const sleeping = [1, 2].map(() => hurry.sleep(LONG_MS, controller.signal));
  hurry.now();
  await Promise.all(sleeping);
  let over = false;
  const later = hurry.sleep(LONG_MS, controller.signal).then(() => over = true);
  await sleep(5);
  assert.equal(over, false);
  controller.abort();
  await later;
});
