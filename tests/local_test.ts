/** Processes of the host use an exporter, and leases come and go in every order. */
import assert from "node:assert/strict";
import { Code } from "../src/wire/error.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import type { LeaseRecord } from "./controller/records.ts";
import { Gate, reported } from "./hook_lab.ts";
import { LocalLab } from "./local_lab.ts";
import { until } from "./until.ts";

const READY = Status.EXPORTER_STATUS_LEASE_READY;
const AVAILABLE = Status.EXPORTER_STATUS_AVAILABLE;

/** Gives a lease and waits until its client can connect. */
async function leased({ lab: { controller } }: LocalLab) {
  const lease = controller.lease("demo", "tester");
  await reported(controller, READY);
  return lease;
}

const refusal = (lease: string, client = "tester") => {
  return {
    name: "LocalExporterError",
    code: Code.FAILED_PRECONDITION,
    message: `demo is leased by ${client} (lease ${lease}): --force interferes all the same, ` +
      "and tells the client",
  };
};

Deno.test("without a lease, consecutive commands of the host share open drivers; no hook runs", async () => {
  const hook = { script: "echo a hook runs" };
  await using place = await LocalLab.start({ beforeLease: hook, afterLease: hook });
  for (let round = 0; round < 3; round++) {
    await using client = await place.connect();
    await place.call(client, "on");
  }
  assert.deepEqual(place.notes, ["open 1", "on 1", "on 1", "on 1"]);
  const { records } = place.lab.running;
  const user = records.find(({ message }) => /uses the drivers$/.test(message))!;
  assert.match(user.message, /^local user root \(uid 0\) uses/);
  assert.ok(records.some(({ message }) => message === "local user root (uid 0) calls power.on"));
  assert.ok(!records.some(({ message }) => message.includes("a hook runs")));
  // The controller goes on to offer it.
  const { controller } = place.lab;
  const statuses = controller.calls.filter(({ method }) => method === "ReportStatus");
  assert.deepEqual(statuses.map(({ message }) => (message as { status: Status }).status), [
    AVAILABLE,
  ]);
});

Deno.test("a lease ends local use, whose calls hear of it, and whose drivers close first", async () => {
  await using place = await LocalLab.start();
  const client = await place.connect();
  const hanging = place.call(client, "hang");
  await until(() => place.notes.includes("hang 1"));
  place.closing.hold();
  const { controller } = place.lab;
  const lease = controller.lease("demo", "tester");
  await assert.rejects(hanging, {
    code: Code.UNAVAILABLE,
    details: `local use ends: the exporter was leased by tester (lease ${lease.name})`,
  });
  await client.closed;
  await assert.rejects(place.connect(), refusal(lease.name));
  assert.deepEqual(place.notes, ["open 1", "hang 1"]);
  place.closing.release();
  await reported(controller, READY);
  await using holder = await controller.sessionClient(lease);
  await place.call(holder, "on");
  assert.deepEqual(place.notes, ["open 1", "hang 1", "closed 1", "open 2", "on 2"]);
});

Deno.test("a lease ends local use whose drivers are still opening", async () => {
  await using place = await LocalLab.start();
  place.opening.hold();
  const client = await place.connect();
  const { controller } = place.lab;
  const lease = controller.lease("demo", "tester");
  await client.closed;
  place.opening.release();
  await reported(controller, READY);
  await using holder = await controller.sessionClient(lease);
  await place.call(holder, "on");
  assert.equal(place.notes.at(-1), "on 2");
  assert.ok(place.notes.indexOf("closed 1") < place.notes.indexOf("open 2"), `${place.notes}`);
});

Deno.test("a process of the host that says and reads nothing delays a lease by no more than seconds", async () => {
  await using place = await LocalLab.start();
  using conn = await Deno.connect({ transport: "unix", path: place.path });
  await conn.write(new TextEncoder().encode('{"jmp":1,"do":"session","force":false}\n'));
  await until(() => place.notes.includes("open 1"));
  const begun = performance.now();
  await leased(place);
  const took = performance.now() - begun;
  assert.ok(took < 5_000, `${took} ms`);
  assert.deepEqual(place.notes.slice(0, 2), ["open 1", "closed 1"]);
});

Deno.test("a lease that ends while local use ends is not opened; the host can go on", async () => {
  await using place = await LocalLab.start();
  await place.call(await place.connect(), "on");
  place.closing.hold();
  const { controller } = place.lab;
  const lease = controller.lease("demo", "tester");
  await place.lab.running.line(/^Local use ends/);
  controller.endLease(lease);
  await place.lab.running.line(/^The lease is over/);
  const connecting = place.connect();
  place.closing.release();
  await place.call(await connecting, "on");
  assert.deepEqual(place.notes, ["open 1", "on 1", "closed 1", "open 2", "on 2"]);
  await leased(place);
});

Deno.test("of two leases that come while local use ends, only the second opens the drivers", async () => {
  await using place = await LocalLab.start();
  await place.call(await place.connect(), "on");
  place.closing.hold();
  const { controller } = place.lab;
  const first = controller.lease("demo", "tester");
  await place.lab.running.line(/^Local use ends/);
  controller.endLease(first);
  const second = controller.lease("demo", "tester");
  await until(() => place.lab.running.exporter.store.state.lease?.name === second.name);
  place.closing.release();
  await reported(controller, READY);
  await using holder = await controller.sessionClient(second);
  await place.call(holder, "on");
  assert.deepEqual(place.notes, ["open 1", "on 1", "closed 1", "open 2", "on 2"]);
});

Deno.test("a command that comes while a lease closes waits for it, and is served", async () => {
  await using place = await LocalLab.start();
  const lease = await leased(place);
  await until(() => place.notes.includes("open 1"));
  place.closing.hold();
  place.lab.controller.endLease(lease);
  await until(() => place.lab.running.exporter.store.state.phase === "closing");
  const connecting = place.connect();
  await new Promise((resolve) => setTimeout(resolve, 100));
  place.closing.release();
  await place.call(await connecting, "on");
  assert.deepEqual(place.notes, ["open 1", "closed 1", "open 2", "on 2"]);
});

Deno.test("a command is refused while a lease runs its hooks", async () => {
  using before = new Gate();
  using after = new Gate();
  await using place = await LocalLab.start({
    beforeLease: { script: before.wait },
    afterLease: { script: after.wait },
  });
  const { controller } = place.lab;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  await assert.rejects(place.connect(), refusal(lease.name));
  before.open();
  await reported(controller, READY);
  controller.endLease(lease);
  await reported(controller, Status.EXPORTER_STATUS_AFTER_LEASE_HOOK);
  await assert.rejects(place.connect(), refusal(lease.name));
  // Before the gate opens: hooks use the lease's drivers, and so may others.
  await place.call(await place.connect(true), "on");
  after.open();
  await reported(controller, AVAILABLE);
  await place.call(await place.connect(), "on");
  assert.deepEqual(place.notes, ["open 1", "on 1", "closed 1", "open 2", "on 2"]);
});

Deno.test("with --force a command uses the drivers of the lease, and its client is told", async () => {
  await using place = await LocalLab.start();
  const lease = await leased(place);
  await using holder = await place.lab.controller.sessionClient(lease);
  const told: string[] = [];
  const reading = (async () => {
    for await (const { message, severity } of holder.logs()) told.push(`${severity} ${message}`);
  })().catch(() => {});
  const intruder = await place.connect(true);
  await place.call(intruder, "on");
  // Not its session to end.
  assert.equal((await intruder.endSession()).success, true);
  await place.call(holder, "on");
  await place.call(await place.connect(true), "on");
  const user = "local user root (uid 0)";
  const warning = `WARNING ${user} uses the drivers during the lease, by --force`;
  const call = `INFO ${user} calls power.on`;
  await until(() => told.filter((line) => line === call).length === 2);
  assert.deepEqual(told.filter((line) => line.includes(user)), [warning, call, warning, call]);
  assert.deepEqual(place.notes, ["open 1", "on 1", "on 1", "on 1"]);
  const { records } = place.lab.running;
  const seen = records.find(({ message }) => `WARNING ${message}` === warning)!;
  assert.deepEqual([seen.lease, seen.client], [lease.name, "tester"]);
  assert.equal(place.lab.running.exporter.store.state.phase, "ready");
  await holder[Symbol.asyncDispose]();
  await reading;
});

Deno.test("a forced connection ends with the lease", async () => {
  await using place = await LocalLab.start();
  const lease = await leased(place);
  const intruder = await place.connect(true);
  const hanging = place.call(intruder, "hang");
  await until(() => place.notes.includes("hang 1"));
  place.lab.controller.endLease(lease);
  await assert.rejects(hanging);
  await intruder.closed;
  await reported(place.lab.controller, AVAILABLE);
  assert.equal(place.notes.at(-1), "closed 1");
});

for (const end of ["stop", "drain"] as const) {
  Deno.test(`${end} ends local use and then the exporter`, async () => {
    await using place = await LocalLab.start();
    const client = await place.connect();
    const hanging = place.call(client, "hang");
    await until(() => place.notes.includes("hang 1"));
    place.lab.running.exporter[end]();
    await assert.rejects(hanging, { code: Code.UNAVAILABLE, details: /the exporter stops/ });
    assert.equal(await place.lab.running.ended, 0);
    assert.equal(place.notes.at(-1), "closed 1");
    await assert.rejects(place.connect(), { message: "demo is stopping" });
  });
}

Deno.test("after a restart in a lease, a command waits until the controller has said whether it goes on", async () => {
  const saved = {
    checkpoint: { lease: { name: "lost", client: "tester" }, stage: "ready" as const },
  };
  // The controller knows no such lease: it is over, and nothing keeps the drivers.
  await using place = await LocalLab.start({}, { saved });
  await place.call(await place.connect(), "on");
  assert.deepEqual(place.notes, ["open 1", "on 1"]);
});

Deno.test("in any order of commands and leases, the drivers are open once, and both are served", async () => {
  await using place = await LocalLab.start();
  const { lab: { controller, running }, notes } = place;
  let lease: LeaseRecord | undefined;
  const uses: Promise<unknown>[] = [];
  const use = async (force: boolean) => {
    const client = await place.connect(force);
    await place.call(client, "on");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    await client[Symbol.asyncDispose]();
  };
  const toggle = () => {
    if (lease) controller.endLease(lease);
    lease = lease ? undefined : controller.lease("demo", "tester");
  };
  for (let round = 0; round < 150; round++) {
    if (Math.random() < 0.3) toggle();
    // Those that a lease interrupts or keeps out fail, but never hang.
    else uses.push(use(Math.random() < 0.3).catch(({ code }) => assert.ok(CODES.has(code), code)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  }
  await Promise.all(uses);
  if (!lease) toggle();
  const { store } = running.exporter;
  await until(() => store.state.lease?.name === lease!.name && store.state.phase === "ready");
  await using holder = await controller.sessionClient(lease!);
  await place.call(holder, "on");
  controller.endLease(lease!);
  await until(() => store.state.phase === "idle");
  await place.call(await place.connect(), "on");
  const life = notes.filter((note) => !note.startsWith("on"));
  const closed = life.filter((_, index) => index % 2 === 1);
  assert.ok(closed.every((note, index) => note === `closed ${index + 1}`), `${life}`);
  assert.ok(
    life.every((note, index) => index % 2 === 1 || note === `open ${index / 2 + 1}`),
    `${life}`,
  );
  assert.ok(closed.length > 10, `${life}`);
});

/** How a use may fail: refused in a lease, and ended by one before or after it has begun. */
const CODES: ReadonlySet<Code> = new Set([Code.FAILED_PRECONDITION, Code.UNAVAILABLE]);
