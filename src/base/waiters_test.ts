import assert from "node:assert/strict";
import { Waiters } from "./waiters.ts";

Deno.test("Waiters.wake() ends every current wait once", async () => {
  const waiters = new Waiters();
  const { signal } = new AbortController();
  const woken: number[] = [];
  const waiting = [1, 2].map((id) => waiters.wait(signal).then(() => woken.push(id)));
  waiters.wake();
  await Promise.all(waiting);
  assert.deepEqual(woken, [1, 2]);
});

Deno.test("Waiters.wait() ends when its signal aborts, and at once if it has aborted", async () => {
  const waiters = new Waiters();
  const controller = new AbortController();
  const waiting = waiters.wait(controller.signal);
  controller.abort();
  await waiting;
  await waiters.wait(controller.signal);
});
