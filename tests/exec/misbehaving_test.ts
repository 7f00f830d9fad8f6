/** Programs that misbehave or are killed in leases of a whole exporter. */
import assert from "node:assert/strict";
import { Code } from "../../src/wire/error.ts";
import { within } from "../faults/fault.ts";
import { type ExporterLab, exporterLab, messages, stateOf } from "../python/exporter_lab.ts";
import { hangingCall } from "../python/in_flight.ts";
import { until } from "../until.ts";
import { misbehaving } from "./lab.ts";

/** An exporter with a program and a native driver. */
function labWith(behaviour: string, keys: Record<string, unknown> = {}): Promise<ExporterLab> {
  return exporterLab({
    relay: { type: "exec", command: misbehaving(behaviour), ...keys },
    power: { type: "jumpstarter_driver_power.driver.MockPower" },
  }, { python: null });
}

async function isRunning(pid: unknown): Promise<boolean> {
  return await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}

Deno.test("a program that dies in a call is started again, three times in a lease", async () => {
  await using bench = await labWith("serve");
  const lease = await bench.lease();
  await lease.call("relay", "pid");
  await assert.rejects(lease.call("relay", "exit"), {
    code: Code.UNAVAILABLE,
    message: /the program .* of 'relay' ended with exit code 7; its last lines: .*caught fire/,
  });
  for (let death = 2; death <= 4; death++) {
    const pid = await lease.call("relay", "pid") as number;
    const hanging = assert.rejects((await hangingCall(lease, "relay")).outcome, {
      code: Code.UNAVAILABLE,
      message: /ended with signal SIGKILL; its last lines: serving/,
    });
    Deno.kill(pid, "SIGKILL");
    await hanging;
    assert.equal(stateOf(bench, "relay").state, "degraded");
  }
  await assert.rejects(lease.call("relay", "pid"), {
    code: Code.UNAVAILABLE,
    message: /started again 3 times in this lease/,
  });
  assert.equal(messages(bench, "warning", /^Starts the program .* \(\d of 3 times/).length, 3);
  await lease.call("power", "on");
  await lease.end();
  const next = await bench.lease();
  const pid = await next.call("relay", "pid");
  await next.end();
  assert.equal(await isRunning(pid), false);
});

Deno.test("a program that does not end is named, and killed before the next lease", async () => {
  await using bench = await labWith("stubborn");
  const first = await bench.lease();
  const pid = await first.call("relay", "pid");
  const before = bench.running.records.length;
  await first.call("relay", "daemons");
  await within(first.end(), 15_000, "the end of a lease");
  const late = bench.running.records.slice(before)
    .filter(({ message }) => /within 10 s after SIGTERM/.test(message));
  assert.deepEqual(late.map(({ severity, logger }) => [severity, logger]), [["error", "relay"]]);
  assert.equal(await isRunning(pid), false);
  const second = await bench.lease();
  await second.call("relay", "on");
  Deno.kill(await second.call("relay", "pid") as number, "SIGKILL");
  await second.end();
  assert.deepEqual(await bench.processes.all(), []);
});

Deno.test("leases that end while a program starts leave nothing", async () => {
  await using bench = await labWith("serve");
  const { controller, processes, running: { exporter } } = bench;
  const before = processes.files();
  for (let round = 0; round < 10; round++) {
    const lease = controller.lease("demo", "tester");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
    controller.endLease(lease);
    await until(() => exporter.store.state.lease?.name !== lease.name);
    await until(() => exporter.store.state.phase === "idle");
  }
  assert.ok(messages(bench, "info", /^Leased by/).length > 5, "most leases ended too early");
  await until(async () => (await processes.all()).length === 0);
  assert.deepEqual(processes.files(), before);
  const last = await bench.lease();
  await last.call("relay", "on");
  await last.end();
});

Deno.test("a program that is kept runs across leases, and is started again when it has died", async () => {
  await using bench = await labWith("serve", { keep: true });
  const pidOf = async (death?: "in a lease" | "idle") => {
    const lease = await bench.lease();
    const pid = await lease.call("relay", "pid") as number;
    if (death === "in a lease") {
      const hanging = assert.rejects((await hangingCall(lease, "relay")).outcome, {
        code: Code.UNAVAILABLE,
      });
      Deno.kill(pid, "SIGKILL");
      await hanging;
      assert.notEqual(await lease.call("relay", "pid"), pid);
    }
    await lease.end();
    if (death === "idle") Deno.kill(pid, "SIGKILL");
    return pid;
  };
  const first = await pidOf();
  assert.equal(await pidOf("in a lease"), first);
  const second = await pidOf("idle");
  assert.notEqual(second, first);
  const third = await pidOf();
  assert.notEqual(third, second);
  assert.equal(await pidOf(), third);
  await bench[Symbol.asyncDispose]();
  assert.equal(await isRunning(third), false);
});
