import assert from "node:assert/strict";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { ControllerServiceService as service } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { StatusError } from "../../src/wire/grpc/status.ts";
import type { Header } from "../../src/wire/http2/header_table.ts";
import { identityMetadata } from "./connection.ts";
import { type ControllerOptions, TestController } from "./controller.ts";
import { NOT_INITIALIZED } from "./faults.ts";
import { RawExporter, type Reader } from "./raw_exporter.ts";
import { Code, RpcError } from "./rpc_error.ts";
import { until } from "../until.ts";

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;

/** A controller with one registered and Available exporter, and a client. */
async function setUp(options: ControllerOptions = {}) {
  const controller = await TestController.start(options);
  const identity = controller.addExporter({ name: "board", labels: { site: "lab" } });
  const client = controller.addClient({ name: "tester" });
  const exporter = new RawExporter(controller, identity);
  await exporter.register();
  if (options.old !== true) await exporter.report(AVAILABLE);
  return {
    ...{ controller, exporter, identity, client },
    async [Symbol.asyncDispose]() {
      exporter[Symbol.dispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

function fails(promise: Promise<unknown>, code: Code, details: RegExp) {
  return assert.rejects(promise, (error: StatusError) => {
    assert.equal(`${error.code} ${details.test(error.details)}`, `${code} true`, error.details);
    return true;
  });
}

Deno.test("TestController refuses calls that do not say who calls", async () => {
  await using rig = await setUp();
  const { exporter, identity, client, controller } = rig;
  const register = (metadata: readonly Header[]) =>
    exporter.ask(service.register, { labels: {}, reports: [] }, { metadata });
  const without = (name: string) => {
    return identityMetadata("Exporter", identity).filter(([key]) => key !== name);
  };
  await fails(register(without("authorization")), Code.UNAUTHENTICATED, /missing authorization/);
  await fails(register(without("jumpstarter-kind")), Code.INVALID_ARGUMENT, /^missing metadata: /);
  await fails(register(without("jumpstarter-namespace")), Code.INVALID_ARGUMENT, /^missing meta/);
  const twice = identityMetadata("Exporter", identity);
  twice.push(["jumpstarter-name", identity.name]);
  await fails(register(twice), Code.INVALID_ARGUMENT, /multiple metadata values/);
  await fails(
    register(identityMetadata("Client", identity)),
    Code.INVALID_ARGUMENT,
    /object kind mismatch/,
  );
  const stranger = { ...identity, token: "unknown" };
  await fails(register(identityMetadata("Exporter", stranger)), Code.UNAUTHENTICATED, /token/);
  const borrowed = { ...identity, token: client.token };
  await fails(register(identityMetadata("Exporter", borrowed)), Code.PERMISSION_DENIED, /denied/);
  const ghost = { ...identity, name: "ghost" };
  await fails(register(identityMetadata("Exporter", ghost)), Code.UNKNOWN, /exporter lab\/ghost/);
  const last = controller.calls.at(-1);
  assert.deepEqual(last?.metadata["jumpstarter-name"], ["ghost"]);
});

Deno.test("Register keeps only labels of the project's own prefix", async () => {
  await using rig = await setUp();
  await rig.exporter.register({ "jumpstarter.dev/name": "board", other: "dropped" });
  const record = rig.controller.store.exporters.get("lab/board");
  assert.deepEqual(record?.labels, { site: "lab", "jumpstarter.dev/name": "board" });
  await rig.exporter.register({});
  assert.deepEqual(record?.labels, { site: "lab" });
});

Deno.test("Status tells the state at once and then only what differs", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const stream = exporter.status();
  const idle = await stream.next();
  assert.deepEqual([idle.leased, idle.leaseName, idle.clientName], [false, undefined, undefined]);
  await exporter.report(AVAILABLE, { message: "still here" });
  const first = controller.lease("board", "tester", { name: "first", context: { a: "b" } });
  const leased = { leased: true, leaseName: "first", clientName: "tester", context: { a: "b" } };
  assert.deepEqual(await stream.next(), leased);
  const second = controller.switchLease(first, "tester", { name: "second" });
  assert.equal((await stream.next()).leaseName, "second");
  controller.endLease(second);
  assert.deepEqual(await stream.next(), idle);
  assert.equal(stream.waiting, 0);
  await stream.cancel();
});

Deno.test("Status clears a stale Offline, which silence and Unregister bring about", async () => {
  await using rig = await setUp({ offlineAfterMs: 50 });
  const { controller, exporter } = rig;
  const record = controller.store.exporters.get("lab/board");
  const offline = Promise.withResolvers<void>();
  using _watch = controller.store.watch(() => {
    if (record?.status === ExporterStatus.EXPORTER_STATUS_OFFLINE) offline.resolve();
  });
  await offline.promise;
  const stream = exporter.status();
  await stream.next();
  assert.equal(record?.status, ExporterStatus.EXPORTER_STATUS_UNSPECIFIED);
  await exporter.ask(service.unregister, { reason: "done" });
  assert.equal(record?.status, ExporterStatus.EXPORTER_STATUS_OFFLINE);
  assert.deepEqual(record?.reports, []);
  await stream.cancel();
});

Deno.test("a Status stream lives on when its Exporter is made anew, of which it tells no more than the lease", async () => {
  await using rig = await setUp();
  const { controller, exporter, client } = rig;
  using stream = stopping(exporter.status());
  assert.equal((await stream.next()).leased, false);
  const { name } = controller.lease("board", "tester");
  assert.equal((await stream.next()).leaseName, name);
  const old = controller.deleteExporter("board");
  await fails(exporter.register(), Code.UNKNOWN, /not found/);
  const anew = controller.createAnew(old, { collectMs: 200, reconcileMs: 50 });
  assert.notEqual(anew.uuid, old.uuid);
  assert.deepEqual([anew.labels, anew.reports], [{ site: "lab" }, []]);
  assert.equal((await stream.next()).leased, false);
  assert.equal((await stream.next()).leaseName, name);
  assert.equal((await stream.next()).leased, false);
  await fails(exporter.register(), Code.PERMISSION_DENIED, /denied/);
  using other = new RawExporter(controller, anew);
  await other.start();
  assert.equal(controller.store.online(anew), true);
  assert.equal(controller.lease("board", client.name).exporter, "board");
  assert.equal((await stream.next()).leased, true);
});

Deno.test("a Status stream ends when it has missed its Exporter twice", async () => {
  await using rig = await setUp({ offlineAfterMs: 300 });
  using stream = stopping(rig.exporter.status());
  await stream.next();
  rig.controller.deleteExporter("board");
  const { code, details } = await stream.over;
  assert.equal(`${code} ${details}`, `${Code.UNKNOWN} last seen time mismatch`);
});

function stopping<T>(reader: Reader<T>): Reader<T> & Disposable {
  return Object.assign(reader, { [Symbol.dispose]: () => void reader.cancel() });
}

Deno.test("Status and Listen end as the test wants, with OK or with an error", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const stream = exporter.status();
  await stream.next();
  controller.endStreams("Status", new RpcError(Code.UNKNOWN, "last seen time mismatch"));
  const { code, details } = await stream.over;
  assert.deepEqual([code, details], [Code.UNKNOWN, "last seen time mismatch"]);
  const lease = controller.lease("board", "tester");
  const listen = exporter.listen(lease.name);
  await controller.next("Listen");
  controller.endStreams("Listen");
  assert.equal((await listen.over).code, Code.OK);
});

Deno.test("Listen is for the exporter that has the lease, and the newest one wins", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const other = controller.addExporter({ name: "other" });
  using stranger = new RawExporter(controller, other);
  const lease = controller.lease("board", "tester");
  const refused = await stranger.listen(lease.name).over;
  assert.deepEqual([refused.code, refused.details], [Code.UNKNOWN, "permission denied"]);
  assert.match((await exporter.listen("none").over).details, /not found/);

  await exporter.report(READY);
  const older = exporter.listen(lease.name);
  controller.stallListen = true;
  await until(() => controller.streams("Listen").length === 1);
  const early = await controller.dial(lease);
  assert.equal(older.headers, false);
  const newer = exporter.listen(lease.name);
  assert.equal((await older.next()).routerToken, early.token);
  assert.equal((await older.over).code, Code.OK);
  controller.stallListen = false;
  const late = await controller.dial(lease);
  assert.deepEqual(await newer.next(), {
    routerEndpoint: controller.routerEndpoint,
    routerToken: late.token,
  });
  controller.endLease(lease);
  assert.equal(controller.streams("Listen").length, 1);
  await newer.cancel();
});

Deno.test("Dial goes by the reported status and by who listens", async () => {
  await using rig = await setUp({ dialWaitMs: 100 });
  const { controller, exporter } = rig;
  const lease = controller.lease("board", "tester");
  await fails(controller.dial(lease), Code.FAILED_PRECONDITION, /not ready \(status: Available\)/);
  await exporter.report(ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  await fails(controller.dial(lease), Code.FAILED_PRECONDITION, /BeforeLeaseHookFailed/);
  for (const status of [READY, ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK]) {
    await exporter.report(status);
    await fails(controller.dial(lease), Code.UNAVAILABLE, /^exporter is not listening on lease /);
  }
  const listen = exporter.listen(lease.name);
  await until(() => controller.streams("Listen").length === 1);
  controller.stallListen = true;
  for (let count = 0; count < 8; count++) await controller.dial(lease);
  await fails(controller.dial(lease), Code.RESOURCE_EXHAUSTED, /./);
  controller.endLease(lease);
  await fails(controller.dial(lease), Code.FAILED_PRECONDITION, /has ended/);
  await listen.cancel();
});

Deno.test("Dial waits while the exporter says Available", async () => {
  await using rig = await setUp({ dialWaitMs: 10_000 });
  const { controller, exporter } = rig;
  const lease = controller.lease("board", "tester");
  const listen = exporter.listen(lease.name);
  await until(() => controller.streams("Listen").length === 1);
  const dialled = controller.dial(lease);
  await exporter.report(READY);
  assert.equal((await listen.next()).routerToken, (await dialled).token);
  await listen.cancel();
});

Deno.test("ReleaseLease by the exporter ends its own lease, twice without an error", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const release = (name: string) => exporter.ask(service.releaseLease, { name });
  const lease = controller.lease("board", "tester");
  await release(lease.name);
  await release(lease.name);
  assert.equal(lease.endReason, "Released");
  await fails(release("none"), Code.NOT_FOUND, /none/);
  controller.addExporter({ name: "other" });
  const foreign = controller.lease("other", "tester");
  await fails(release(foreign.name), Code.FAILED_PRECONDITION, /not held/);
});

Deno.test("TestController with old does not know the newer methods", async () => {
  await using rig = await setUp({ old: true });
  const { exporter } = rig;
  await fails(exporter.report(AVAILABLE), Code.UNIMPLEMENTED, /./);
  await fails(
    exporter.ask(service.getServiceEndpoints, {}),
    Code.UNIMPLEMENTED,
    /./,
  );
  const lease = rig.controller.lease("board", "tester");
  const { name } = lease;
  await fails(
    exporter.ask(service.releaseLease, { name }),
    Code.INVALID_ARGUMENT,
    /./,
  );
});

Deno.test("ReportStatus with release_lease ends the lease where ReleaseLease is refused", async () => {
  await using rig = await setUp({ old: "release" });
  const { controller, exporter } = rig;
  const lease = controller.lease("board", "tester");
  await exporter.report(ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK, { releaseLease: true });
  assert.equal(lease.endReason, "Released");
  const history = controller.store.exporters.get("lab/board")?.history.map(({ status }) => status);
  assert.deepEqual(history, [AVAILABLE, ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK]);
});

Deno.test("Faults fail, drop, delay and hang the next calls and no others", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const record = controller.store.exporters.get("lab/board");
  controller.faults.fail("Register", NOT_INITIALIZED, 2);
  await fails(exporter.register(), Code.UNKNOWN, /authenticator not initialized/);
  await fails(exporter.register(), Code.UNKNOWN, /authenticator not initialized/);
  await exporter.register();
  controller.faults.drop("ReportStatus");
  await exporter.report(READY);
  assert.equal(record?.status, AVAILABLE);
  controller.faults.delay("ReportStatus", 5);
  await exporter.report(READY);
  assert.equal(record?.status, READY);
  controller.faults.hang("ReportStatus");
  const request = { status: AVAILABLE };
  await fails(
    exporter.ask(service.reportStatus, request, { timeoutMs: 50 }),
    Code.DEADLINE_EXCEEDED,
    /./,
  );
  await controller.next("ReportStatus", ({ status }) => status === READY);
  await assert.rejects(controller.next("Unregister", undefined, 10), /expected Unregister/);
});

Deno.test("TestController starts again on its port, with or without what it knew", async () => {
  await using rig = await setUp();
  const { controller, exporter } = rig;
  const { endpoint, routerEndpoint } = controller;
  const stream = exporter.status();
  await stream.next();
  const lease = controller.lease("board", "tester");
  await controller.stop();
  assert.notEqual((await stream.over).code, Code.OK);
  await controller.start();
  assert.deepEqual([controller.endpoint, controller.routerEndpoint], [endpoint, routerEndpoint]);
  using again = new RawExporter(controller, rig.identity);
  const next = again.status();
  assert.equal((await next.next()).leaseName, lease.name);
  await controller.stop({ lose: true });
  await controller.start();
  using third = new RawExporter(controller, rig.identity);
  const last = third.status();
  assert.equal((await last.next()).leased, false);
  await last.cancel();
});
