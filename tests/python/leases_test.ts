/** Many leases in a row. */
import assert from "node:assert/strict";
import { until } from "../until.ts";
import { lab, running } from "./lab.ts";

Deno.test("100 leases leave no process, descriptor, file or memory", async () => {
  const folder = await Deno.makeTempDir();
  const [runtime, temporary] = ["XDG_RUNTIME_DIR", "TMPDIR"].map((name) => Deno.env.get(name));
  Deno.env.delete("XDG_RUNTIME_DIR");
  Deno.env.set("TMPDIR", folder);
  try {
    await using python = await lab();
    const lease = async () => {
      const child = await running(python, {
        power: { type: "jumpstarter_driver_power.driver.MockPower" },
        trouble: { type: "trouble.Trouble" },
      });
      await child.call("power", "on");
      await child[Symbol.asyncDispose]();
    };
    for (let round = 0; round < 5; round++) await lease();
    const [host] = await python.processes();
    assert.ok(host);
    const state = async () => ({
      here: await count("/proc/self/fd"),
      host: await count(`/proc/${host}/fd`),
      processes: await python.processes(),
      files: await count(folder),
    });
    const before = await state();
    const memory = ownKb(host);
    for (let round = 0; round < 100; round++) await lease();
    await until(async () => (await python.processes()).length === 1);
    assert.deepEqual(await state(), before);
    assert.ok(ownKb(host) < memory + 500, `${memory} ${ownKb(host)}`);
  } finally {
    if (runtime) Deno.env.set("XDG_RUNTIME_DIR", runtime);
    if (temporary) Deno.env.set("TMPDIR", temporary);
    else Deno.env.delete("TMPDIR");
  }
  assert.equal(await count(folder), 0);
  await Deno.remove(folder);
});

async function count(folder: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(folder))).length;
}

/** Memory of a process that no file holds, in kB. */
function ownKb(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Anonymous:\s+(\d+)/m.exec(text)![1]);
}
