import assert from "node:assert/strict";
import { testFolder } from "../files/testing.ts";
import { script } from "../foreign/python/testing.ts";
import { describeDriver, listDrivers, nativeDrivers, pythonDrivers } from "./mod.ts";

Deno.test("without a Python environment the built-in drivers are listed, and the reason is told", async () => {
  const problems: string[] = [];
  const python = pythonDrivers(
    { JMP_PYTHON: "/nonexistent" },
    (problem) => void problems.push(problem),
  );
  const places = [nativeDrivers, python];
  const drivers = await listDrivers(places);
  assert.deepEqual(drivers, await nativeDrivers.list());
  assert.match(
    problems.join("\n"),
    /^Python drivers are not listed, because .* 'jmp driver install'/,
  );
  const missing = await describeDriver("acme_relay.driver.Relay", places);
  assert.ok("problem" in missing);
  assert.equal(problems.length, 1);
});

Deno.test("an interpreter that does not answer is told, and the built-in drivers are listed", async () => {
  await using folder = await testFolder();
  const facts = JSON.stringify({
    python: `${folder.path}/python`,
    version: [3, 11, 7],
    jumpstarter: "0.9.0",
    modules: [],
    folders: [],
  });
  // Answers the first question, and fails at the second one.
  const JMP_PYTHON = await script(
    `${folder.path}/python`,
    `case "$*" in *metadata.entry_points*) echo "no such thing" >&2; exit 3;; esac
    printf '\\njmp-python:%s\\n' '${facts}'`,
  );
  const problems: string[] = [];
  const python = pythonDrivers({ JMP_PYTHON }, (problem) => void problems.push(problem));
  assert.deepEqual(await listDrivers([nativeDrivers, python]), await nativeDrivers.list());
  assert.match(
    problems.join("\n"),
    /^Python drivers are not listed: .*found exit code 3; it said: no such thing$/,
  );
});
