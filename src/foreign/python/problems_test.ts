import assert from "node:assert/strict";
import { pythonProblem } from "./problems.ts";

const ENVIRONMENT = {
  python: "/opt/venv/bin/python",
  version: "3.12.1",
  jumpstarter: "0.9.0",
  place: "JMP_PYTHON",
  has: () => Promise.resolve(false),
};

const problem = (type: string, missing: string) => {
  const text = `No module named '${missing}'`;
  return pythonProblem(ENVIRONMENT, type, { error: "ModuleNotFoundError", text, missing }).message;
};

Deno.test("pythonProblem() tells a type that names no module of its package", () => {
  assert.equal(
    problem("jumpstarter.drivers.power.driver.MockPower", "jumpstarter.drivers"),
    "Cannot build jumpstarter.drivers.power.driver.MockPower: ModuleNotFoundError: No module " +
      "named 'jumpstarter.drivers'; correct the type",
  );
});

Deno.test("pythonProblem() tells a module that a driver needs", () => {
  assert.match(problem("site.Relay", "hid"), /'hid', which it needs, for .*python; install it/);
});
