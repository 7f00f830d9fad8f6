import assert from "node:assert/strict";
import { check } from "./check.ts";

async function outcomeOf(passes: Readonly<Record<string, boolean>>) {
  const said: string[] = [];
  const checks = Object.entries(passes).map(([name, passed]) => {
    return [name, () => Promise.resolve(passed)] as const;
  });
  const passed = await check(Object.fromEntries(checks), (line) => void said.push(line));
  return { passed, said };
}

Deno.test("check() runs every check, and says which passed and which failed", async () => {
  assert.deepEqual(await outcomeOf({ format: true, lint: true }), {
    passed: true,
    said: ["ok: format, lint"],
  });
  assert.deepEqual(await outcomeOf({ format: true, lint: false, types: true }), {
    passed: false,
    said: ["ok: format, types", "FAILED: lint"],
  });
});
