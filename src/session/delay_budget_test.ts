import assert from "node:assert/strict";
import { DELAY_MS, DelayBudget } from "./delay_budget.ts";

Deno.test("DelayBudget keeps back a bounded number of answers, and one address takes no other's", () => {
  let now = 0;
  const budget = new DelayBudget(() => now);
  const delayed = (host: string, calls: number) =>
    Array.from({ length: calls }, () => budget.take(host)).filter((ms) => ms > 0).length;
  assert.equal(delayed("192.0.2.1", 1_000), 64);
  assert.equal(delayed("192.0.2.2", 10), 10);
  now += DELAY_MS - 1;
  assert.equal(delayed("192.0.2.1", 1), 0);
  now += 1;
  assert.equal(delayed("192.0.2.1", 1), 1);
});

Deno.test("DelayBudget is bounded over all addresses, and so is what it remembers of them", () => {
  const budget = new DelayBudget(() => 0);
  const hosts = Array.from({ length: 10_000 }, (_, index) => `host-${index}`);
  assert.equal(hosts.filter((host) => budget.take(host) > 0).length, 1_024);
});
