/** The whole program, killed in a lease with Python drivers. */
import assert from "node:assert/strict";
import { Lab } from "../faults/lab.ts";
import { until } from "../until.ts";
import { leasedOf } from "./exporter_lab.ts";
import { testPython } from "./lab.ts";
import { Marked } from "./marked.ts";

const DAEMONS_S = 76_543;

Deno.test("nothing of Python drivers is left when the program is killed in a lease", async () => {
  using processes = new Marked({ JMP_PYTHON: await testPython() });
  await using lab = await Lab.open({
    export: { faulty: { type: "faulty.Faulty", config: { daemons: DAEMONS_S } } },
  });
  const before = processes.files();
  const everything = async () => [
    ...await processes.all(),
    ...await processes.commands(`sleep ${DAEMONS_S}`),
  ];
  for (const isServing of [true, false]) {
    await lab.startExporter();
    await lab.available();
    const lease = await leasedOf(lab.controller, "demo", (record) => lab.session(record));
    lease.call("faulty", "hang").catch(() => {});
    if (isServing) {
      await lease.call("faulty", "pid");
      assert.ok((await everything()).length >= 7);
    } else await until(async () => (await processes.named("jmp-keeper")).length > 0);
    await lab.exporter.kill("SIGKILL");
    await until(async () => (await everything()).length === 0, 5_000);
    await until(() => processes.files().length === before.length, 2_000).catch(() => {});
    assert.deepEqual(processes.files(), before);
    await lease.end();
  }
});
