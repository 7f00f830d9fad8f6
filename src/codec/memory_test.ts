import assert from "node:assert/strict";
import { Code, codeOf } from "../wire/error.ts";
import { Memory } from "./memory.ts";

const MEGABYTE = 1 << 20;

Deno.test("256 MB are given always, then half of what is free, and none twice", () => {
  const memory = new Memory(() => 1000 * MEGABYTE);
  using first = memory.reserve(16 * MEGABYTE);
  first.growTo(400 * MEGABYTE);
  {
    using _second = memory.reserve(100 * MEGABYTE);
    assert.throws(() => memory.reserve(MEGABYTE), (error: Error) => {
      assert.equal(codeOf(error), Code.RESOURCE_EXHAUSTED);
      assert.match(error.message, /expected 1 MB of memory for it, found 0 MB that can be spared/);
      return true;
    });
  }
  using _third = memory.reserve(100 * MEGABYTE);
  assert.equal(memory.reserved, 500 * MEGABYTE);
});

Deno.test("a refused growth takes nothing, and a machine that is full still gives 256 MB", () => {
  const memory = new Memory(() => 0);
  {
    using reservation = memory.reserve(200 * MEGABYTE);
    assert.throws(() => reservation.growTo(300 * MEGABYTE), { name: "MemoryShort" });
    reservation.growTo(100 * MEGABYTE);
    assert.equal(memory.reserved, 200 * MEGABYTE);
  }
  assert.equal(memory.reserved, 0);
});
