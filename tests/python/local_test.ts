/** Processes of the host use hosted Python drivers, until a client has the lease. */
import assert from "node:assert/strict";
import { connectSession } from "../../src/client/connect.ts";
import { LocalFolder } from "../../src/exporter/local/testing.ts";
import { Code } from "../../src/wire/error.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { exporterLab, FAULTY, messages } from "./exporter_lab.ts";

const uuid = driverUuid({ namespace: "lab", name: "demo" }, "faulty");

Deno.test("hosted drivers serve the host, and end before those of a lease begin", async () => {
  await using bench = await exporterLab({ faulty: { type: FAULTY } });
  await using folder = new LocalFolder();
  const { path } = await folder.open(bench.running.exporter.local);
  await using local = await connectSession({ kind: "local", exporter: path, force: false });
  const mine = Number(await local.call(uuid, "pid"));
  assert.equal(messages(bench, "info", /calls faulty\.pid$/).length, 1);
  const waiting = local.call(uuid, "hang");
  const ended = assert.rejects(waiting, { code: Code.UNAVAILABLE, details: /leased by tester/ });
  const leased = await bench.lease();
  await ended;
  const theirs = Number(await leased.call("faulty", "pid"));
  assert.notEqual(mine, theirs);
  assert.ok(!(await bench.processes.all()).includes(mine));
  await leased.end();
});
