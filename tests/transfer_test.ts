/** Leases that are transferred to another client: whose calls continue, and who is told what. */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ClientReadableStream } from "@grpc/grpc-js";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import type { GetReportResponse } from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { TestController } from "./controller/controller.ts";
import { Code } from "./controller/rpc_error.ts";
import type { LeaseRecord } from "./controller/records.ts";
import type { SessionClient } from "./controller/session_client.ts";
import { ask, endSession, Gate, type Hooks, type Lab, lab, powerOn, reported } from "./hook_lab.ts";
import { until } from "./until.ts";

/** A hang guard. */
const SOON_MS = 30_000;

const REFUSED = {
  code: Code.PERMISSION_DENIED,
  details: "permission denied: the lease has been transferred to another client",
};

const HOOKS: Hooks = {
  beforeLease: { script: 'echo "before for $CLIENT_NAME"' },
  afterLease: { script: 'echo "after for $CLIENT_NAME"' },
};

interface Leased extends Lab {
  readonly lease: LeaseRecord;
  readonly tester: SessionClient;
}

/** A lease of `tester`, whose connection is open; `heir` may be given it. */
async function leased(hooks: Hooks): Promise<Leased> {
  const bench = await lab(hooks);
  const { controller } = bench;
  controller.addClient({ name: "heir" });
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  const tester = await controller.sessionClient(lease);
  await powerOn(tester);
  return {
    ...bench,
    lease,
    tester,
    async [Symbol.asyncDispose]() {
      await tester[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}

const report = ({ exporter }: SessionClient) =>
  ask<GetReportResponse>((done) => exporter.getReport({}, done));

/** How a stream of the session ends. */
function endOf(stream: ClientReadableStream<unknown>): Promise<{ code: number; details: string }> {
  stream.on("data", () => {});
  stream.on("error", () => {});
  return new Promise((resolve) => stream.on("status", resolve));
}

function hookLines({ running }: Lab): string[] {
  const lines = running.records.filter(({ origin }) => origin.endsWith("Lease"));
  return lines.map(({ message }) => message);
}

async function refuses(client: SessionClient): Promise<void> {
  await assert.rejects(report(client));
  assert.match(client.failures.at(-1)!.message, /permission denied/);
}

Deno.test("a transfer ends the calls of the former client, tells them why, and serves the new one", async () => {
  await using bench = await leased({});
  const { controller, lease, tester, running } = bench;
  const stream = tester.exporter.logStream({});
  const log = endOf(stream);
  await new Promise((resolve) => stream.once("data", resolve));
  controller.transferLease(lease, "heir");
  const { code, details } = await log;
  assert.deepEqual({ code, details }, REFUSED);
  await refuses(tester);
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
  assert.match(await running.line(/transferred/), /transferred from tester to heir$/);
});

Deno.test("the new client is served at once, and both have the session of one lease", async () => {
  await using bench = await leased({});
  const { controller, lease, tester } = bench;
  const before = await report(tester);
  controller.transferLease(lease, "heir");
  await using heir = await controller.sessionClient(lease);
  const after = await report(heir);
  assert.deepEqual(after, before);
  await powerOn(heir);
  await refuses(tester);
});

Deno.test("hooks know the client that has the lease, and beforeLease runs no second time", async () => {
  await using bench = await leased(HOOKS);
  const { controller, lease } = bench;
  controller.transferLease(lease, "heir");
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
  assert.deepEqual(hookLines(bench), ["before for tester"]);
  controller.endLease(lease);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  assert.deepEqual(hookLines(bench), ["before for tester", "after for heir"]);
});

Deno.test("a transfer while beforeLease runs leaves the hook alone, and the session to the new client", async () => {
  using gate = new Gate();
  await using bench = await lab({ ...HOOKS, beforeLease: { script: gate.wait } });
  const { controller } = bench;
  controller.addClient({ name: "heir" });
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  await using tester = await controller.sessionClient(lease);
  await report(tester);
  const early = powerOn(tester);
  early.catch(() => {});
  // On the same connection, so earlier calls have arrived.
  await report(tester);
  await report(tester);
  controller.transferLease(lease, "heir");
  await assert.rejects(early, REFUSED);
  gate.open();
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
});

Deno.test("a dial of the former client that is under way at the transfer lets nobody in", async () => {
  await using way = await slowWay();
  await using bench = await lab({}, { routerEndpoint: way.endpoint });
  const { controller } = bench;
  way.target = controller.router.front.port;
  controller.addClient({ name: "heir" });
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using late = await controller.sessionClient(lease);
  const call = powerOn(late);
  call.catch(() => {});
  // Both sides are connecting to the router.
  await until(() => way.waiting === 2, SOON_MS);
  controller.transferLease(lease, "heir");
  await bench.running.line(/transferred/);
  way.open();
  await assert.rejects(call);
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
  const switched = bench.running.records.filter(({ message }) => message === "power on");
  assert.equal(switched.length, 1);
});

Deno.test("a transfer that nobody tells of is heard of when the controller is back", async () => {
  await using bench = await leased(HOOKS);
  const { controller, lease, tester, running } = bench;
  await controller.stop();
  controller.transferLease(lease, "heir");
  await controller.start();
  await running.line(/transferred from tester to heir/);
  await refuses(tester);
  await using heir = await controller.sessionClient(lease);
  await until(() => heard(() => powerOn(heir)), SOON_MS);
  assert.deepEqual(hookLines(bench), ["before for tester"]);
});

Deno.test("a lease without hooks that the former client had ended is ready for the new one", async () => {
  await using bench = await leased({});
  const { controller, lease, tester } = bench;
  await endSession(tester);
  controller.transferLease(lease, "heir");
  await using heir = await controller.sessionClient(lease);
  await until(async () => {
    const { status } = await ask<{ status: Status }>((done) => heir.exporter.getStatus({}, done));
    return status === Status.EXPORTER_STATUS_LEASE_READY;
  }, SOON_MS);
  await powerOn(heir);
});

Deno.test("a lease that goes from hand to hand leaves no stream and no tunnel behind", async () => {
  await using bench = await leased({});
  const { controller, lease } = bench;
  for (const name of ["heir", "tester", "heir", "tester", "heir"]) {
    controller.transferLease(lease, name);
    await using client = await controller.sessionClient(lease);
    await powerOn(client);
  }
  await until(() => listens(controller) === 1, SOON_MS);
  controller.endLease(lease);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  const { router } = controller;
  const tunnels = () => router.in("waiting").length + router.in("forwarding").length;
  await until(() => tunnels() === 0, SOON_MS);
});

/** Whether a call works; a restarted controller may refuse the first dials. */
function heard(call: () => Promise<void>): Promise<boolean> {
  return call().then(() => true, () => false);
}

interface SlowWay extends AsyncDisposable {
  /** Host and port. */
  readonly endpoint: string;
  /** The port on this host that it leads to. */
  target: number;
  /** How many connections wait for it to open. */
  waiting: number;
  open(): void;
}

/** A port that accepts connections, and forwards them once it is open. */
async function slowWay(): Promise<SlowWay> {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  };
  const server = createServer(async (socket) => {
    keep(socket);
    way.waiting += 1;
    await opened;
    const onward = connect(way.target, "127.0.0.1");
    keep(onward);
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const way: SlowWay = {
    endpoint: `localhost:${(server.address() as AddressInfo).port}`,
    target: 0,
    waiting: 0,
    open,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return way;
}

const listens = (controller: TestController) => controller.streams("Listen").length;
