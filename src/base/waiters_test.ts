import assert from "node:assert/strict";
import { Waiters } from "./waiters.ts";

Deno.test("wake() reaches everybody who waits, once", async () => {
  const waiters = new Waiters();
  const { signal } = new AbortController();
  const woken: number[] = [];
  const waiting = [1, 2].map((id) => waiters.wait(signal).then(() => woken.push(id)));
  waiters.wake();
  await Promise.all(waiting);
  assert.deepEqual(woken, [1, 2]);
});

Deno.test("a wait ends with its signal, and does not begin where that has aborted", async () => {
  const waiters = new Waiters();
  const controller = new AbortController();
  const waiting = waiters.wait(controller.signal);
  controller.abort();
  await waiting;
  await waiters.wait(controller.signal);
});
