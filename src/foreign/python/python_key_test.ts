import assert from "node:assert/strict";
import { readPythonKey } from "./python_key.ts";

Deno.test("readPythonKey() reads whether a driver has a process of its own, and its limits", () => {
  for (const none of [undefined, null, false]) assert.equal(readPythonKey(none), undefined);
  assert.deepEqual(readPythonKey(true), { own: false, limits: {} });
  assert.deepEqual(readPythonKey({}), { own: false, limits: {} });
  assert.deepEqual(readPythonKey({ own: true }), { own: true, limits: {} });
  const limits = { memory: 512 * 1024 ** 2, cpu: 50 };
  assert.deepEqual(readPythonKey({ memory: "512M", cpu: "50%" }), { own: true, limits });
  assert.deepEqual(readPythonKey({ memory: 536870912, cpu: 50 }), { own: true, limits });
  assert.deepEqual(readPythonKey({ memory: "1 GiB" })?.limits, { memory: 1024 ** 3 });
});

Deno.test("readPythonKey() refuses what is none of these, with what was expected", () => {
  const expected = /python: expected true, or a map with own, memory or cpu/;
  for (const wrong of ["yes", 5, [], { onw: true }, { own: "yes" }]) {
    assert.throws(() => readPythonKey(wrong), expected);
  }
  assert.throws(() => readPythonKey({ memory: "1M" }), /at least 128M.*found '1M'/);
  assert.throws(() => readPythonKey({ memory: "9".repeat(40) }), /at least 128M/);
  for (const cpu of ["lots", -1, NaN, 0]) {
    assert.throws(() => readPythonKey({ cpu }), /percentage|expected/);
  }
});
