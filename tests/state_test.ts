/** The state of an exporter, as its views see it. */
import assert from "node:assert/strict";
import { defineDriver, DeviceError, z } from "../src/driver/mod.ts";
import type { ExporterState } from "../src/exporter/state.ts";
import { showStatus } from "../src/observe/status_line.ts";
import { TestController } from "./controller/controller.ts";
import { startExporter } from "./exporter.ts";
import { powerOn } from "./hook_lab.ts";
import { until } from "./until.ts";

const broken = defineDriver({
  type: "site.Broken",
  client: "site.Client",
  config: z.strictObject({}),
  open() {
    throw new DeviceError("the cable is loose");
  },
});

const EXPORT = {
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  broken: { type: "site.Broken" },
};

const pathsOf = ({ drivers }: ExporterState) => {
  return Object.fromEntries(drivers.map(({ path, state }) => [path, state]));
};

Deno.test("the state of an exporter tells its lease, link, drivers, traffic and errors", async () => {
  const controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  for (const name of ["tester", "heir"]) controller.addClient({ name });
  try {
    const text = controller.exporterConfigYaml("demo", EXPORT);
    await using running = await startExporter(text, { manifests: [broken] });
    const { store } = running.exporter;
    const lines: string[] = [];
    using _status = showStatus([store], (line) => lines.push(line));
    assert.equal(store.state.controller?.state, "connecting");
    await running.line(/^Registered as lab\/demo$/);
    assert.equal(store.state.controller?.state, "connected");
    assert.deepEqual(pathsOf(store.state), { power: "closed", broken: "closed" });

    const lease = controller.lease("demo", "tester");
    await running.line(/^Leased by tester$/);
    assert.equal(store.state.lease?.client, "tester");
    {
      await using client = await controller.sessionClient(lease);
      await powerOn(client);
      const { phase, traffic, drivers } = store.state;
      assert.equal(phase, "ready");
      assert.equal(traffic.connections, 1);
      assert.ok(traffic.bytesIn > 100 && traffic.bytesOut > 100, JSON.stringify(traffic));
      assert.deepEqual(pathsOf(store.state), { power: "open", broken: "degraded" });
      assert.equal(drivers.find(({ path }) => path === "broken")?.problem, "the cable is loose");
      assert.match(store.state.errors.at(-1)!.message, /the cable is loose/);
    }
    controller.endLease(lease);
    await running.line(/^The lease is over$/);
    assert.equal(store.state.lease, undefined);
    assert.equal(store.state.traffic.connections, 0);
    await until(() => pathsOf(store.state)["power"] === "closed");
    assert.equal(pathsOf(store.state)["broken"], "degraded");
    const leased = lines.find((line) => /, 1 connection;/.test(line))!;
    assert.match(
      leased,
      /^Leased by tester since .* \(lease .*\), 1 connection; driver broken is degraded: the/,
    );
    assert.match(lines.at(-1)!, /^Available as lab\/demo at .*; driver broken is degraded: /);

    for (const { lease, client, message, exporter } of running.records) {
      assert.equal(exporter, "demo", message);
      if (lease !== undefined) assert.equal(client, "tester", message);
    }
    assert.ok(running.records.some(({ lease }) => lease !== undefined));
  } finally {
    await controller[Symbol.asyncDispose]();
  }
});

Deno.test("a controller that goes away is a trouble of the link, until it is back", async () => {
  const controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  const text = controller.exporterConfigYaml("demo", { power: EXPORT.power });
  try {
    await using running = await startExporter(text);
    const { store } = running.exporter;
    const link = () => store.state.controller!;
    const first = await controller.next("ReportStatus").then(link);
    assert.equal(first.state, "connected");
    await controller.stop();
    await until(() => link().state === "trouble", 30_000);
    const { trouble, since } = link();
    assert.match(trouble!, /^controller .*: \w+ failed at connect: .* does not accept connections/);
    assert.ok(since > first.since);
    await controller.start();
    await until(() => link().state === "connected", 30_000);
    assert.equal(link().trouble, undefined);
  } finally {
    await controller[Symbol.asyncDispose]();
  }
});
