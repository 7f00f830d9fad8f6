import assert from "node:assert/strict";
import { Code } from "../wire/error.ts";
import { z } from "./manifest.ts";
import { asDriver, withArgs } from "./methods.ts";
import { callContext } from "../tree/testing.ts";

const call = callContext();

const driver = asDriver({
  calls: {
    // Parameters of a plain function declare no arguments.
    bare: (args: readonly unknown[]) => args.length,
    declared: withArgs([z.boolean(), z.number().nullish()], ([value, n]) => [value, n]),
  },
  streams: { declared: withArgs([z.string()], ([text]) => [text, text]) },
}, "'board' (test.Board)");

Deno.test("withArgs() checks arguments before the method sees them", async () => {
  assert.deepEqual(await driver.call("declared", [true], call), [true, undefined]);
  assert.deepEqual(await driver.call("declared", [false, 1], call), [false, 1]);
  const misfit = { code: Code.INVALID_ARGUMENT };
  await assert.rejects(driver.call("declared", [], call), {
    ...misfit,
    message: "argument 1: expected true or false, found nothing",
  });
  await assert.rejects(driver.call("declared", [true, "x"], call), {
    ...misfit,
    message: 'argument 2: expected a number, found the text "x"',
  });
  await assert.rejects(driver.call("declared", [true, 1, 2], call), {
    ...misfit,
    message: /expected at most 2 arguments, found 3/,
  });
});

Deno.test("withArgs() checks the arguments of a stream method too", async () => {
  assert.deepEqual(await Array.fromAsync(driver.stream("declared", ["a"], call)), ["a", "a"]);
  for (const args of [[], [1], ["a", "b"]]) {
    assert.throws(() => driver.stream("declared", args, call), { code: Code.UNKNOWN });
  }
});

Deno.test("asDriver() refuses arguments to a method that declares none", async () => {
  assert.equal(await driver.call("bare", [], call), 0);
  await assert.rejects(driver.call("bare", [5], call), {
    code: Code.UNKNOWN,
    message: "method bare takes no arguments, found 1",
  });
});

Deno.test("asDriver() returns a driver unchanged, and refuses values that are not tables of methods", () => {
  assert.equal(asDriver(driver, "again"), driver);
  assert.throws(() => asDriver(undefined as never, ""), /expected open\(\) to return \{ calls/);
  assert.throws(() => asDriver({ calls: { on: 5 } } as never, ""), /calls.on to be a function/);
});

Deno.test("asDriver() says where an unknown key of open() belongs", () => {
  const cases: [object, RegExp][] = [
    [{ calls: {}, on() {} }, /found 'on' beside them; put 'on' below calls$/],
    [{ set: withArgs([z.boolean()], () => {}) }, /found 'set' beside them; put 'set' below calls$/],
    [{ *read() {} }, /put 'read' below streams$/],
    [{ async *read() {} }, /put 'read' below streams$/],
    [{ call: {} }, /found 'call' beside them; did you mean 'calls'\?$/],
    [{ calls: {}, powered: true }, /found 'powered' beside them; remove it$/],
    [new class Relay {}(), /found an object of Relay that has none of them$/],
  ];
  for (const [given, message] of cases) {
    assert.throws(() => asDriver(given, "'board' (test.Board)"), { name: "DriverError", message });
  }
});

Deno.test("asDriver() accepts an object of a class with further members", async () => {
  class Relay {
    powered = false;
    calls = { on: () => this.powered = true };
  }
  assert.equal(await asDriver(new Relay(), "'board' (test.Board)").call("on", [], call), true);
});
