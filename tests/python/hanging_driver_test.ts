/** Python drivers that hang: when they are made, while they are called, and when they close. */
import assert from "node:assert/strict";
import { exporterLab, FAULTY, messages, stateOf } from "./exporter_lab.ts";
import { within } from "../faults/fault.ts";
import { until } from "../until.ts";

const POWER = "jumpstarter_driver_power.driver.MockPower";
const TREE = { board: { type: POWER, python: true }, power: { type: POWER } };
const HOUR_S = 3600, DAEMONS_S = 87_654;

Deno.test("a driver that hangs in its constructor is degraded alone", async () => {
  await using bench = await exporterLab({
    hanging: { type: FAULTY, config: { seconds_to_build: HOUR_S } },
    ...TREE,
  });
  const first = await bench.lease();
  await within(first.call("power", "on"), 5_000, "native");
  await within(first.client.report(), 18_000, "report");
  await within(first.call("board", "on"), 40_000, "hosted");
  const reason = /its constructor returns within 30 s, found that it hangs/;
  await assert.rejects(first.call("hanging", "pid"), { message: reason });
  assert.match(stateOf(bench, "hanging").problem!, reason);
  await first.end();
  // Now it is known, and the others wait for it no longer than 5 s.
  const second = await bench.lease();
  await within(second.call("board", "on"), 12_000, "hosted");
  await assert.rejects(second.call("hanging", "pid"), { message: /within 5 s/ });
  assert.equal(stateOf(bench, "hanging").state, "degraded");
  await second.end();
  assert.deepEqual(await bench.processes.named("jmp-drivers"), []);
});

Deno.test("a driver that hangs in close() is named, and ended before the next lease", async () => {
  await using bench = await exporterLab({
    slow: { type: FAULTY, config: { seconds_to_close: HOUR_S } },
    ...TREE,
  });
  const first = await bench.lease();
  await first.call("slow", "pid");
  await within(first.end(), 15_000, "the end of a lease");
  const [said] = messages(bench, "error", /its close\(\) hangs/);
  assert.match(said!, /within 10 s/);
  const record = bench.running.records.find(({ message }) => message === said)!;
  assert.equal(record.logger, "slow");
  assert.deepEqual(await bench.processes.named("jmp-drivers"), []);
  const second = await bench.lease();
  await second.call("board", "on");
  await second.end();
});

Deno.test("a driver that blocks the event loop delays no native driver, and not the lease's end", async () => {
  await using bench = await exporterLab({ faulty: { type: FAULTY }, ...TREE });
  const first = await bench.lease();
  await first.call("faulty", "pid");
  const blocking = first.call("faulty", "block", 3);
  const waiting = first.call("board", "on");
  await within(first.call("power", "on"), 2_000, "native");
  await Promise.all([blocking, waiting]);
  first.call("faulty", "block", HOUR_S).catch(() => {});
  await bench.running.line(/^blocks for 3600/);
  await within(first.call("power", "on"), 2_000, "native");
  await within(first.end(), 15_000, "the end of a lease");
  assert.equal(messages(bench, "error", /a driver blocks the event loop/).length, 1);
  const second = await bench.lease();
  await second.call("faulty", "pid");
  await second.end();
});

Deno.test("a package that hangs in its import holds up neither native drivers nor the end", async () => {
  const bench = await exporterLab({ hanging: { type: "hanging_import.Driver" }, ...TREE });
  const lease = await bench.lease();
  await within(lease.call("power", "on"), 5_000, "native");
  await within(lease.client.report(), 18_000, "report");
  await within(lease.end(), 10_000, "the end of a lease");
  await within(Promise.resolve(bench[Symbol.asyncDispose]()), 15_000, "the end of the exporter");
  assert.deepEqual(await bench.processes.all(), []);
});

for (const victim of ["jmp-drivers", "jmp-keeper"] as const) {
  Deno.test(`${victim} is stopped in a lease, which ends in time all the same`, async () => {
    await using bench = await exporterLab({
      faulty: { type: FAULTY, config: { daemons: DAEMONS_S } },
      ...TREE,
    });
    const first = await bench.lease();
    await first.call("faulty", "pid");
    const [pid] = await bench.processes.named(victim);
    Deno.kill(pid!, "SIGSTOP");
    await within(first.call("power", "on"), 2_000, "native");
    await within(first.end(), 20_000, "the end of a lease");
    const second = await bench.lease();
    await second.call("faulty", "pid");
    assert.equal((await bench.processes.named("jmp-drivers")).length, 1);
    await second.end();
    await until(async () => (await bench.processes.all()).length <= 1, 5_000);
    assert.deepEqual(await bench.processes.commands(`sleep ${DAEMONS_S}`), []);
  });
}
