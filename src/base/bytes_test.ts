import assert from "node:assert/strict";
import { concat } from "./bytes.ts";

Deno.test("concat() copies all parts in order, also none or a single one", () => {
  const first = Uint8Array.of(1, 2);
  assert.deepEqual(concat([first, new Uint8Array(), Uint8Array.of(3)]), Uint8Array.of(1, 2, 3));
  assert.deepEqual(concat([]), new Uint8Array());
  const copy = concat([first]);
  copy[0] = 9;
  assert.deepEqual(first, Uint8Array.of(1, 2));
});
