/** Children of the warm interpreter that are killed in a lease: what clients and operators see. */
import assert from "node:assert/strict";
import { Code } from "../../src/wire/error.ts";
import { until } from "../until.ts";
import { type ExporterLab, exporterLab, FAULTY, messages, stateOf } from "./exporter_lab.ts";
import { hangingCall, inFlight } from "./in_flight.ts";

const TREE = {
  faulty: { type: FAULTY },
  board: { type: "jumpstarter_driver_power.driver.MockPower", python: true },
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
};

/** Kills the processes of a name, of which there must be one. */
async function kill({ processes }: ExporterLab, name: Parameters<typeof processes.named>[0]) {
  const pids = await processes.named(name);
  assert.equal(pids.length, 1, name);
  Deno.kill(pids[0]!, "SIGKILL");
}

Deno.test("all that is in flight fails with how the child ended, and the next call starts it again", async () => {
  await using bench = await exporterLab(TREE);
  const lease = await bench.lease();
  await lease.call("faulty", "say", "the last words");
  const kinds = Object.entries(inFlight);
  const pending = await Promise.all(kinds.map(([, start]) => start(lease)));
  const failures = pending.map(({ outcome }, index) =>
    assert.rejects(outcome, {
      code: Code.UNAVAILABLE,
      message: /the Python drivers .* ended with signal SIGKILL; its last lines: .*the last words/,
    }, kinds[index]![0])
  );
  await kill(bench, "jmp-drivers");
  await Promise.all(failures);
  assert.equal(messages(bench, "error", /ended with signal SIGKILL/).length, 1);
  for (const path of ["faulty", "board"]) {
    const { state, problem } = stateOf(bench, path);
    assert.equal(state, "degraded");
    assert.match(problem!, /ended with signal SIGKILL/);
  }
  assert.equal(stateOf(bench, "power").state, "open");
  // Calls that come at once start it once.
  const pids = await Promise.all([1, 2, 3].map(() => lease.call("faulty", "pid")));
  assert.equal(new Set(pids).size, 1);
  assert.equal(
    messages(bench, "warning", /^Starts the Python drivers .* \(1 of 3 times/).length,
    1,
  );
  assert.equal(stateOf(bench, "faulty").state, "open");
  await lease.end();
});

Deno.test("a child that dies a fourth time in a lease is started again in the next one", async () => {
  await using bench = await exporterLab(TREE);
  const lease = await bench.lease();
  for (let death = 1; death <= 4; death++) {
    await lease.call("faulty", "pid");
    await kill(bench, "jmp-drivers");
    await until(() => stateOf(bench, "faulty").state === "degraded");
  }
  for (const path of ["faulty", "board"]) {
    await assert.rejects(lease.call(path, "on"), {
      code: Code.UNAVAILABLE,
      message: /ended with signal SIGKILL.*started again 3 times in this lease/,
    });
  }
  await lease.call("power", "on");
  await lease.end();
  const next = await bench.lease();
  await next.call("faulty", "pid");
  await next.end();
  assert.deepEqual(await bench.processes.named("jmp-drivers"), []);
});

for (const victim of ["jmp-keeper", "jmp-python"] as const) {
  Deno.test(`${victim} is killed in a lease: its child ends, and the next call starts another`, async () => {
    await using bench = await exporterLab({
      ...TREE,
      faulty: { type: FAULTY, config: { daemons: 43210 } },
    });
    const lease = await bench.lease();
    await lease.call("faulty", "pid");
    const before = await bench.processes.all();
    assert.ok(before.length > 4);
    const [hanging] = [await inFlight.call!(lease)];
    const failure = assert.rejects(hanging.outcome, {
      code: Code.UNAVAILABLE,
      message: /the Python drivers .* ended with signal SIGKILL/,
    });
    await kill(bench, victim);
    await failure;
    await until(async () => {
      const now = await bench.processes.all();
      const rest = before.filter((pid) => now.includes(pid));
      return rest.length <= (victim === "jmp-keeper" ? 1 : 0);
    });
    await lease.call("faulty", "pid");
    await lease.end();
    const next = await bench.lease();
    await next.call("faulty", "pid");
    await next.end();
    const told = bench.hostRecords.filter(({ message }) => /Python host ended with/.test(message));
    assert.equal(told.length, victim === "jmp-python" ? 1 : 0);
  });
}

Deno.test("a host that is killed while no lease runs is started again by the next one", async () => {
  await using bench = await exporterLab(TREE);
  for (let round = 0; round < 3; round++) {
    await until(async () => (await bench.processes.named("jmp-drivers")).length === 0);
    await kill(bench, "jmp-python");
    // At once, before anybody has noticed.
    const lease = await bench.lease();
    await lease.call("faulty", "pid");
    await lease.end();
  }
});

Deno.test("a host that is killed while a child starts loses nothing", async () => {
  const slow = { type: FAULTY, config: { seconds_to_build: 1 } };
  await using bench = await exporterLab({ ...TREE, faulty: slow });
  const lease = await bench.lease();
  await until(async () => (await bench.processes.named("jmp-drivers")).length > 0);
  await kill(bench, "jmp-python");
  await lease.call("faulty", "pid");
  assert.equal(stateOf(bench, "faulty").state, "open");
  await lease.end();
});

Deno.test("a driver with a process of its own dies alone", async () => {
  await using bench = await exporterLab({
    ...TREE,
    own: { type: FAULTY, python: { own: true } },
  });
  const lease = await bench.lease();
  const pids = await Promise.all(["own", "faulty"].map((path) => lease.call(path, "pid")));
  assert.equal(new Set(pids).size, 2);
  const dying = assert.rejects((await hangingCall(lease, "own")).outcome, {
    code: Code.UNAVAILABLE,
    message: /^the Python driver 'own' .* ended with signal SIGKILL/,
  });
  Deno.kill(pids[0] as number, "SIGKILL");
  await dying;
  assert.equal(await lease.call("faulty", "pid"), pids[1]);
  assert.equal(stateOf(bench, "own").state, "degraded");
  assert.equal(stateOf(bench, "faulty").state, "open");
  await lease.call("own", "pid");
  await lease.end();
  assert.deepEqual(await bench.processes.named("jmp-drivers"), []);
});
