import assert from "node:assert/strict";
import { throttle } from "./throttle.ts";

Deno.test("throttle() passes on single lines and cuts long ones", () => {
  const said: [string, string][] = [];
  const log = throttle<string>((...line) => void said.push(line), () => {});
  log("info", "one");
  log("error", "x".repeat(100_000));
  assert.deepEqual(said.map(([level, { length }]) => [level, length]), [
    ["info", 3],
    ["error", 16_384],
  ]);
});
