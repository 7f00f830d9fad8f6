/** Leases that end at any moment while their Python drivers start. */
import assert from "node:assert/strict";
import { until } from "../until.ts";
import { exporterLab, FAULTY, messages } from "./exporter_lab.ts";

const DAEMONS_S = 54_321;

Deno.test("leases that end while their drivers start leave nothing, and the next one works", async () => {
  await using bench = await exporterLab({
    faulty: { type: FAULTY, config: { seconds_to_build: 0.1, daemons: DAEMONS_S } },
    power: { type: "jumpstarter_driver_power.driver.MockPower", python: true },
  });
  const { controller, processes, running: { exporter } } = bench;
  const once = await bench.lease();
  await once.call("faulty", "pid");
  await once.end();
  const before = { files: processes.files(), processes: await processes.all() };
  for (let round = 0; round < 20; round++) {
    const lease = controller.lease("demo", "tester");
    // A start takes about a third of a second.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
    controller.endLease(lease);
    await until(() => !lease.exporter || exporter.store.state.lease?.name !== lease.name);
    await until(() => exporter.store.state.phase === "idle");
  }
  assert.ok(messages(bench, "info", /^Leased by/).length > 10, "most leases ended too early");
  await until(async () => (await processes.all()).length <= before.processes.length);
  assert.deepEqual(await processes.all(), before.processes);
  assert.deepEqual(await processes.commands(`sleep ${DAEMONS_S}`), []);
  assert.deepEqual(processes.files(), before.files);
  const last = await bench.lease();
  await last.call("power", "on");
  await last.end();
});
