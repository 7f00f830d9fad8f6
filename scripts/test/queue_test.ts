import assert from "node:assert/strict";
import { workThrough } from "./queue.ts";

/** Works through items of these weights, and tells the order in which they began and the most at once. */
async function order(weights: readonly number[], capacity: number) {
  const begun: number[] = [];
  let load = 0;
  let most = 0;
  const results = await workThrough(
    [...weights.entries()],
    capacity,
    ([, weight]) => weight,
    async ([index, weight]) => {
      begun.push(index);
      most = Math.max(most, load += weight);
      await new Promise((resolve) => setTimeout(resolve, 0));
      load -= weight;
      return index;
    },
  );
  assert.deepEqual(results, [...weights.keys()]);
  return { begun, most };
}

Deno.test("workThrough() begins in order as many as fit", async () => {
  assert.deepEqual(await order([1, 1, 1, 1, 1], 2), { begun: [0, 1, 2, 3, 4], most: 2 });
  assert.deepEqual(await order([2, 2, 1, 1], 4), { begun: [0, 1, 2, 3], most: 4 });
  assert.deepEqual(await order([], 4), { begun: [], most: 0 });
});

Deno.test("workThrough() lets light items pass a heavy one that does not fit yet", async () => {
  assert.deepEqual(await order([2, 2, 1], 3), { begun: [0, 2, 1], most: 3 });
});

Deno.test("workThrough() does what is heavier than all alone", async () => {
  assert.deepEqual(await order([1, 9, 1], 2), { begun: [0, 2, 1], most: 9 });
});

Deno.test("workThrough() fails with the work", async () => {
  const failing = workThrough([1, 2], 1, () => 1, () => Promise.reject(new Error("on purpose")));
  await assert.rejects(failing, { message: "on purpose" });
});
