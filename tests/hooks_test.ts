/** Hooks of real leases: their environment, and what clients and the controller see. */
import assert from "node:assert/strict";
import { ExporterStatus as Status, LogSource } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "./controller/controller.ts";
import { Code, RpcError } from "./controller/rpc_error.ts";
import { startExporter } from "./exporter.ts";
import { endMeanwhile, EXPORT, Gate, history, lab, powerOn, reads, reported } from "./hook_lab.ts";

Deno.test("both hooks run around a lease, which is given back when the client is done", async () => {
  await using bench = await lab({
    beforeLease: { script: 'echo "before $LEASE_NAME for $CLIENT_NAME"' },
    afterLease: { script: "echo after" },
  });
  const { controller, running } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
  assert.equal((await client.endSession()).success, true);
  const released = await controller.next("ReleaseLease");
  assert.equal(released.message.name, lease.name);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  assert.deepEqual(history(controller).slice(0, 4), [
    ["BEFORE_LEASE_HOOK", "Running beforeLease hook"],
    ["LEASE_READY", "Ready for commands"],
    ["AFTER_LEASE_HOOK", "Running afterLease hooks"],
    ["AVAILABLE", "Available for new lease"],
  ]);
  const lines = running.records.filter(({ origin }) => origin.endsWith("Lease"));
  assert.deepEqual(lines.map(({ origin, message }) => [origin, message]), [
    ["beforeLease", `before ${lease.name} for tester`],
    ["afterLease", "after"],
  ]);
});

Deno.test("a client that is done reads AVAILABLE before the controller does", async () => {
  await using bench = await lab({ afterLease: { script: "echo cleaned" } });
  const { controller } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  await client.endSession();
  // The session is kept until the client has read it.
  while ((await client.status()).status !== Status.EXPORTER_STATUS_AVAILABLE) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(history(controller).at(-1), AFTER);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  // The next lease need not wait for anything of the old session.
  controller.lease("demo", "tester");
  await controller.next("Listen");
});

Deno.test("clients are connected while beforeLease runs: reports at once, calls when it is done", async () => {
  using gate = new Gate();
  await using bench = await lab({
    beforeLease: { script: `echo working; ${gate.wait}; echo done` },
  });
  const { controller } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  await using client = await controller.sessionClient(lease);
  assert.equal((await client.status()).status, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  for await (const { message, source } of client.logs()) {
    if (message !== "working") continue;
    assert.equal(source, LogSource.LOG_SOURCE_BEFORE_LEASE_HOOK);
    break;
  }
  let answered = false;
  const call = powerOn(client).then(() => answered = true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(answered, false, "a driver was called while its hook prepared it");
  gate.open();
  await call;
});

Deno.test("a hook calls drivers through its own socket, before clients may", async () => {
  const program = new URL("./hook_power.ts", import.meta.url).pathname;
  await using bench = await lab({
    beforeLease: { script: `NO_COLOR=1 ${Deno.execPath()} run -A --no-check ${program}` },
  });
  const { controller, running } = bench;
  controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await running.line(/^power on$/);
  await running.line(/the hook is done/);
});

Deno.test("what beforeLease leaves in JMP_MOTD_FILE is shown to clients", async () => {
  await using bench = await lab({
    beforeLease: { script: "printf ' mind \\033[31mthe\\033[0m\\033[2J\\nstep ' > $JMP_MOTD_FILE" },
  });
  const { controller } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  const { motd } = await client.report();
  // With colours, and without other controls of the client's terminal.
  assert.equal(motd, "mind \x1b[31mthe\x1b[0m\\x1b[2J\nstep");
});

const BEFORE = ["BEFORE_LEASE_HOOK", "Running beforeLease hook"];
const AFTER = ["AFTER_LEASE_HOOK", "Running afterLease hooks"];
const READY = ["LEASE_READY", "Ready for commands"];
const AVAILABLE = ["AVAILABLE", "Available for new lease"];

Deno.test("a lease that ends while beforeLease runs leads to afterLease and AVAILABLE", async () => {
  using gate = new Gate();
  await using bench = await lab({
    beforeLease: { script: gate.wait },
    afterLease: { script: "echo cleaned" },
  });
  const { controller, running } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  await endMeanwhile(bench, lease, gate);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  await running.line(/^cleaned$/);
  assert.deepEqual(history(controller).slice(0, 3), [BEFORE, AFTER, AVAILABLE]);
  controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
});

Deno.test("a restart inside a lease serves it again without another beforeLease", async () => {
  const saved = {};
  const hooks = {
    beforeLease: { script: "echo prepared" },
    afterLease: { script: "echo cleaned" },
  };
  const controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const text = controller.exporterConfigYaml("demo", EXPORT, { hooks });
  try {
    // The first exporter is abandoned as by SIGKILL: it says no goodbye.
    const first = await startExporter(text, { saved });
    await controller.next("Status");
    const lease = controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    const left = structuredClone(saved);
    await using second = await startExporter(text, { saved: left });
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    await using client = await controller.sessionClient(lease);
    await powerOn(client);
    assert.ok(!second.records.some(({ message }) => message === "prepared"));
    controller.endLease(lease);
    await second.line(/^cleaned$/);
    await first[Symbol.asyncDispose]();
  } finally {
    await controller[Symbol.asyncDispose]();
  }
});

Deno.test("an old controller that knows no ReleaseLease for exporters is told by a report", async () => {
  await using bench = await lab({
    beforeLease: { script: "exit 1", onFailure: "endLease" },
  }, { old: "release" });
  const { controller } = bench;
  const lease = controller.lease("demo", "tester");
  await reads(controller, lease, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  const release = await controller.next(
    "ReportStatus",
    ({ releaseLease }) => releaseLease === true,
  );
  assert.notEqual(release.message.status, Status.EXPORTER_STATUS_AVAILABLE);
  const after = await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  assert.ok(after.index > release.index);
});

Deno.test("a release that the controller does not take is repeated, and AVAILABLE waits for it", async () => {
  await using bench = await lab({ beforeLease: { script: "exit 1", onFailure: "endLease" } });
  const { controller } = bench;
  controller.faults.fail("ReleaseLease", new RpcError(Code.UNKNOWN, "etcdserver: timeout"));
  const lease = controller.lease("demo", "tester");
  await reads(controller, lease, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  const available = await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  const releases = controller.calls.filter(({ method }) => method === "ReleaseLease");
  assert.equal(releases.length, 2);
  assert.ok(releases.every(({ index }) => index < available.index));
});

Deno.test("a lease that the controller does not know any more is not released again", async () => {
  await using bench = await lab({ beforeLease: { script: "exit 1", onFailure: "endLease" } });
  const { controller } = bench;
  controller.faults.fail("ReleaseLease", new RpcError(Code.NOT_FOUND, "lease not found"), 9);
  const lease = controller.lease("demo", "tester");
  await reads(controller, lease, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  assert.equal(controller.calls.filter(({ method }) => method === "ReleaseLease").length, 1);
});

Deno.test("the last lines of afterLease reach a client before its connection goes", async () => {
  const COUNT = 2_000;
  await using bench = await lab({ afterLease: { script: `seq ${COUNT}` } });
  const { controller } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  const lines: string[] = [];
  const over = (async () => {
    for await (const { source, message } of client.logs()) {
      if (source === LogSource.LOG_SOURCE_AFTER_LEASE_HOOK) lines.push(message);
    }
  })();
  await powerOn(client);
  controller.endLease(lease);
  await over;
  assert.deepEqual(lines, Array.from({ length: COUNT }, (_, index) => String(index + 1)));
});

Deno.test("a stop in a lease runs afterLease before the goodbye", async () => {
  const bench = await lab({ afterLease: { script: "echo cleaned" } });
  const { controller, running } = bench;
  try {
    controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    running.exporter.stop();
    assert.equal(await running.ended, 0);
    await running.line(/^cleaned$/);
    const seen = history(controller);
    assert.deepEqual(seen.at(-1), ["OFFLINE", "Exporter shutting down"]);
    assert.ok(!seen.some(([status]) => status === "AVAILABLE"), "drew a lease on its way out");
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("a stop lets a long afterLease hook run, and a second one ends it", async () => {
  const bench = await lab({
    afterLease: { script: "echo pid $$; sleep 1000", timeout: 1000, onFailure: "exit" },
  });
  const { controller, running } = bench;
  try {
    controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    running.exporter.stop();
    const pid = Number(/\d+/.exec(await running.line(/^pid \d+$/))![0]);
    const ended = await Promise.race([
      running.ended.then(() => true),
      new Promise((resolve) => setTimeout(() => resolve(false), 300)),
    ]);
    assert.equal(ended, false, "the first stop did not let the hook run");
    running.exporter.stop();
    assert.equal(await running.ended, 0);
    assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
    await controller.next("Unregister");
    assert.deepEqual(history(controller), [READY, AFTER, ["OFFLINE", "Exporter shutting down"]]);
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("a stop while beforeLease runs ends the hook, with what it started", async () => {
  const bench = await lab({ beforeLease: { script: "echo pid $$; sleep 1000 & sleep 1000" } });
  const { controller, running } = bench;
  try {
    controller.lease("demo", "tester");
    const pid = Number(/\d+/.exec(await running.line(/^pid \d+$/))![0]);
    running.exporter.stop();
    assert.equal(await running.ended, 0);
    assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});
