import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import { testFolder } from "../files/testing.ts";
import { boundedRun } from "./bounded_run.ts";
import { listProcesses } from "./processes.ts";

const BOUNDS = { ms: 30_000, maxBytes: 1000 };

Deno.test("boundedRun() returns both outputs and how the program ended", async () => {
  const args = ["-c", "echo out; echo err >&2; exit 3"];
  assert.deepEqual(await boundedRun("/bin/sh", args, BOUNDS), {
    late: false,
    success: false,
    how: "exit code 3",
    stdout: "out\n",
    stderr: "err\n",
  });
});

Deno.test("boundedRun() keeps the beginning of a long output, and reads all of it", async () => {
  const args = ["-c", "yes | head -c 3000000; echo end >&2"];
  const { success, stdout, stderr } = await boundedRun("/bin/sh", args, BOUNDS);
  assert.equal(stdout, "y\n".repeat(500));
  assert.deepEqual([success, stderr], [true, "end\n"]);
});

Deno.test("boundedRun() kills a program that hangs, with all that it started", async () => {
  await using folder = await testFolder();
  const pid = `${folder.path}/pid`;
  const args = ["-c", `sleep 1000 & echo $! >${pid}; wait`];
  const started = Date.now();
  const { late, success } = await boundedRun("/bin/sh", args, { ...BOUNDS, ms: 500 });
  assert.deepEqual([late, success], [true, false]);
  assert.ok(Date.now() - started < 10_000);
  const child = (await Deno.readTextFile(pid)).trim();
  await until(async () => !(await listProcesses()).some(({ pid }) => pid === Number(child)));
});

Deno.test("boundedRun() does not wait for a process that the program left behind", async () => {
  const { success, stdout } = await boundedRun("/bin/sh", ["-c", "sleep 1000 & echo done"], BOUNDS);
  assert.deepEqual([success, stdout], [true, "done\n"]);
});
