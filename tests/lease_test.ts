/** Leases of a test controller and router, with clients that speak the protocol directly. */
import assert from "node:assert/strict";
import { Code, RpcError } from "./controller/rpc_error.ts";
import { TestController } from "./controller/controller.ts";
import type { LeaseRecord } from "./controller/records.ts";
import { ExporterStatus } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { defineDriver, type DriverLike, z } from "../src/driver/mod.ts";
import { startExporter } from "./exporter.ts";
import { type Lab, labOf, powerOn, reported, uuidOf } from "./hook_lab.ts";
import { site, source } from "../src/foreign/worker/testing.ts";
import { until } from "./until.ts";

const EXPORT = {
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
};

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;
const OFFLINE = ExporterStatus.EXPORTER_STATUS_OFFLINE;

/** A controller with one registered exporter. */
async function lab(config: Record<string, unknown> = {}): Promise<Lab> {
  const started = await labOf(await TestController.start(), EXPORT, config);
  await reported(started.controller, AVAILABLE);
  return started;
}

/** The last status that the controller was told. */
function lastStatus(controller: TestController): ExporterStatus | undefined {
  const reports = controller.calls.filter(({ method }) => method === "ReportStatus");
  return (reports.at(-1)?.message as { status: ExporterStatus } | undefined)?.status;
}

/** Gives a lease and waits until it can be dialled. */
async function ready(controller: TestController): Promise<LeaseRecord> {
  const lease = controller.lease("demo", "tester");
  await reported(controller, READY);
  return lease;
}

async function useOnce(controller: TestController, lease: LeaseRecord): Promise<void> {
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
}

Deno.test("an exporter registers, is available, and only then asks for its leases", async () => {
  await using bench = await lab();
  const { controller } = bench;
  await controller.next("Status");
  const order = controller.calls.map(({ method }) => method);
  assert.deepEqual(order, ["Register", "ReportStatus", "Status"]);
  for (const { metadata } of controller.calls) {
    assert.equal(metadata["authorization"]?.length, 1);
    assert.deepEqual(metadata["jumpstarter-kind"], ["Exporter"]);
    assert.deepEqual(metadata["jumpstarter-namespace"], ["lab"]);
    assert.deepEqual(metadata["jumpstarter-name"], ["demo"]);
  }
});

Deno.test("a lease is listened for before it is said to be ready, and a client can use it", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  const order = controller.calls.map(({ method }) => method);
  assert.ok(order.lastIndexOf("Listen") < order.lastIndexOf("ReportStatus"));
  await useOnce(controller, lease);
  await bench.running.line(/^power on$/);
});

Deno.test("after a lease the exporter is available, and the next lease works", async () => {
  await using bench = await lab();
  const { controller } = bench;
  for (let round = 0; round < 3; round++) {
    const lease = await ready(controller);
    await useOnce(controller, lease);
    controller.endLease(lease);
    await reported(controller, AVAILABLE);
  }
});

Deno.test("many clients use one lease at the same time", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  await Promise.all(Array.from({ length: 8 }, () => useOnce(controller, lease)));
});

Deno.test("a tunnel without a byte and a token without a client harm nobody", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  // Official 0.9.0 clients open one tunnel and close it at once; later ones leave a token unused.
  const empty = await controller.tunnel(lease);
  empty.bytes.destroy();
  await controller.dial(lease);
  await useOnce(controller, lease);
  controller.endLease(lease);
  await reported(controller, AVAILABLE);
  await useOnce(controller, await ready(controller));
});

Deno.test("tokens that the router refuses are the affair of their clients alone", async () => {
  await using bench = await lab();
  const { controller, running } = bench;
  const lease = await ready(controller);
  const listens = () => controller.calls.filter(({ method }) => method === "Listen").length;
  controller.tokenLifetimeMs = -60_000;
  for (let round = 0; round < 3; round++) await controller.dial(lease);
  assert.match(
    await running.line(/refuses the token/),
    /^router localhost:\d+: .*: UNAUTHENTICATED: invalid jwt token; it expired at 20\S+Z, and the clock/,
  );
  controller.tokenLifetimeMs = 60_000;
  await useOnce(controller, lease);
  assert.equal(listens(), 1, "Listen was opened again");
  const errors = running.records.filter(({ severity }) => severity === "error");
  assert.equal(errors.length, 1, "one error for one trouble");
});

Deno.test("an exporter that is to end with its lease does so, and says goodbye", async () => {
  const bench = await lab({ exitOnLeaseEnd: true });
  const { controller, running } = bench;
  try {
    const lease = await ready(controller);
    await useOnce(controller, lease);
    controller.endLease(lease);
    assert.equal(await running.ended, 0);
    await controller.next("Unregister");
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("the next lease uses an edited custom driver", async () => {
  const text = (answer: string) =>
    source("acme.A", `open: () => ({ calls: { who: () => "${answer}" } }),`);
  await using place = await site({ "a.ts": text("before") });
  const controller = await TestController.start();
  const tree = { a: { type: "acme.A" } };
  await using _bench = await labOf(controller, tree, {}, { loader: place.drivers });
  await reported(controller, AVAILABLE);
  const answer = async (lease: LeaseRecord) => {
    await using client = await controller.sessionClient(lease);
    return await client.call(await uuidOf(client, "a"), "who");
  };
  const first = await ready(controller);
  assert.equal(await answer(first), "before");
  await place.write("a.ts", text("after"));
  assert.equal(await answer(first), "before");
  controller.endLease(first);
  await reported(controller, AVAILABLE);
  assert.equal(await answer(await ready(controller)), "after");
});

Deno.test("a lease taken over by another client is served to the new one", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const first = await ready(controller);
  await useOnce(controller, first);
  const second = controller.switchLease(first, "tester");
  await controller.next("Listen", ({ leaseName }) => leaseName === second.name);
  await reported(controller, READY);
  await useOnce(controller, second);
});

Deno.test("EndSession makes the exporter available to its client, and after the lease to others", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  await using client = await controller.sessionClient(lease);
  assert.equal((await client.endSession()).success, true);
  assert.equal((await client.status()).status, AVAILABLE);
  // It still listens for clients of this lease, so this is what the controller has to know.
  assert.equal(lastStatus(controller), READY);
  controller.endLease(lease);
  await reported(controller, AVAILABLE);
  await useOnce(controller, await ready(controller));
});

Deno.test("streams that the controller ends, well or badly, are opened again and change nothing", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
  for (const error of [undefined, new RpcError(Code.UNKNOWN, "last seen time mismatch")]) {
    for (const method of ["Status", "Listen"] as const) {
      await controller.next(method);
      controller.endStreams(method, error);
    }
  }
  await Promise.all([controller.next("Status"), controller.next("Listen")]);
  await powerOn(client);
  await useOnce(controller, lease);
});

Deno.test("a controller that comes back without its memory gets to know the exporter again", async () => {
  await using bench = await lab();
  const { controller } = bench;
  await controller.next("Register");
  await controller.next("Status");
  await controller.stop({ lose: true });
  await controller.start();
  await controller.next("Register");
  await reported(controller, AVAILABLE);
  await useOnce(controller, await ready(controller));
});

Deno.test("tunnels that carry nothing are closed with their clients", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const lease = await ready(controller);
  for (let round = 0; round < 5; round++) {
    const { bytes } = await controller.tunnel(lease);
    bytes.on("error", () => {});
    bytes.end();
    bytes.resume();
  }
  await until(() => controller.router.in("ended").length === 5);
});

Deno.test("a driver that is slow to open delays neither Listen nor the other drivers", async () => {
  const { promise: opening, resolve: finish } = Promise.withResolvers<DriverLike>();
  const slow = defineDriver({
    type: "test.Slow",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    open: () => opening,
  });
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const text = controller.exporterConfigYaml("demo", { ...EXPORT, slow: { type: "test.Slow" } });
  await using _running = await startExporter(text, { manifests: [slow] });
  await reported(controller, AVAILABLE);
  const lease = await ready(controller);
  await useOnce(controller, lease);
  finish({});
});

Deno.test("a status that the controller did not take is told again", async () => {
  await using bench = await lab();
  const { controller } = bench;
  controller.faults.fail("ReportStatus", new RpcError(Code.UNKNOWN, "etcdserver: timeout"), 2);
  const lease = await ready(controller);
  await reported(controller, READY);
  await reported(controller, READY);
  await useOnce(controller, lease);
});

Deno.test("an exporter that stops says so, in a lease as well", async () => {
  const bench = await lab();
  const { controller, running } = bench;
  try {
    await ready(controller);
    running.exporter.stop();
    await running.ended;
    await reported(controller, OFFLINE);
    const { message } = await controller.next("Unregister");
    assert.equal(message.reason, "Exporter shutdown");
    assert.equal(controller.calls.at(-1)!.method, "Unregister");
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("an exporter in a lease stops although its controller is gone", async () => {
  const bench = await lab();
  const { controller, running } = bench;
  try {
    await ready(controller);
    await controller.stop();
    await running.line(/Status failed/);
    running.exporter.stop();
    assert.equal(await running.ended, 0);
    await running.line(/Cannot unregister/);
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("an exporter that is drained ends with the lease that it has", async () => {
  const bench = await lab();
  const { controller, running } = bench;
  try {
    const lease = await ready(controller);
    running.exporter.drain();
    await useOnce(controller, lease);
    controller.endLease(lease);
    await running.ended;
    await controller.next("Unregister");
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});

Deno.test("an old controller that takes no status reports is served all the same", async () => {
  await using controller = await TestController.start({ old: true });
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  await using running = await startExporter(controller.exporterConfigYaml("demo", EXPORT));
  await controller.next("Status");
  const lease = controller.lease("demo", "tester");
  await controller.next("Listen");
  await useOnce(controller, lease);
  const warnings = running.records.filter(({ severity }) => severity === "warning");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!.message, /takes no status reports/);
});

/** The numbers of this process's open descriptors. */
function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("leases leave no descriptors behind", async () => {
  await using bench = await lab();
  const { controller } = bench;
  const cycle = async () => {
    const lease = await ready(controller);
    await useOnce(controller, lease);
    controller.endLease(lease);
    await reported(controller, AVAILABLE);
  };
  for (let warmUp = 0; warmUp < 3; warmUp++) await cycle();
  const before = descriptors();
  for (let round = 0; round < 15; round++) await cycle();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = descriptors();
  assert.ok(after <= before + 2, `${before} descriptors became ${after}`);
});
