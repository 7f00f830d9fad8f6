import assert from "node:assert/strict";
import { Code, codeOf } from "../wire/error.ts";
import { MemoryBudget } from "./memory_budget.ts";

const MEGABYTE = 1 << 20;

Deno.test("MemoryBudget grants 256 MB, then half of the free memory, and none twice", () => {
  const budget = new MemoryBudget(() => 1000 * MEGABYTE);
  using first = budget.reserve(16 * MEGABYTE);
  first.growTo(400 * MEGABYTE);
  {
    using _second = budget.reserve(100 * MEGABYTE);
    assert.throws(() => budget.reserve(MEGABYTE), (error: Error) => {
      assert.equal(codeOf(error), Code.RESOURCE_EXHAUSTED);
      assert.match(error.message, /expected 1 MB of memory for it, found 0 MB that can be spared/);
      return true;
    });
  }
  using _third = budget.reserve(100 * MEGABYTE);
  assert.equal(budget.reserved, 500 * MEGABYTE);
});

Deno.test("MemoryBudget grants 256 MB without free memory; a refused growth reserves nothing", () => {
  const budget = new MemoryBudget(() => 0);
  {
    using reservation = budget.reserve(200 * MEGABYTE);
    assert.throws(() => reservation.growTo(300 * MEGABYTE), { name: "MemoryShortage" });
    reservation.growTo(100 * MEGABYTE);
    assert.equal(budget.reserved, 200 * MEGABYTE);
  }
  assert.equal(budget.reserved, 0);
});
