/** Leases that are transferred to another client: whose calls continue, and who is told what. */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { SessionClient } from "../src/client/session_client.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import type { StatusError } from "../src/wire/grpc/status.ts";
import type { TestController } from "./controller/controller.ts";
import { Code } from "./controller/rpc_error.ts";
import type { LeaseRecord } from "./controller/records.ts";
import { Gate, type Hooks, type Lab, lab, powerOn, reported } from "./hook_lab.ts";
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

function hookLines({ running }: Lab): string[] {
  const lines = running.records.filter(({ origin }) => origin.endsWith("Lease"));
  return lines.map(({ message }) => message);
}

/** The former client gets no more answers, and its dials are refused. */
async function refuses({ controller, lease, tester }: Leased): Promise<void> {
  await assert.rejects(tester.report());
  await assert.rejects(controller.sessionClient(lease, { as: "tester" }), /permission denied/);
}

/**
 * Uses the session as the client that has the lease now. It dials again when its connection is
 * closed, as gRPC clients do: it may have dialled before the exporter heard of the transfer.
 */
async function asHeir(
  { controller, lease }: Pick<Leased, "controller" | "lease">,
  use: (heir: SessionClient) => Promise<void>,
): Promise<void> {
  await until(async () => {
    try {
      await using heir = await controller.sessionClient(lease);
      await use(heir);
      return true;
    } catch (error) {
      if ((error as StatusError).code !== Code.UNAVAILABLE) throw error;
      return false;
    }
  }, SOON_MS);
}

Deno.test("a transfer ends the calls of the former client, tells them why, and serves the new one", async () => {
  await using bench = await leased({});
  const { controller, lease, tester, running } = bench;
  const log = tester.logs().getReader();
  await log.read();
  const over = (async () => {
    while (!(await log.read()).done);
  })();
  controller.transferLease(lease, "heir");
  await assert.rejects(over, REFUSED);
  await refuses(bench);
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
  assert.match(await running.line(/transferred/), /transferred from tester to heir$/);
  const told = heir.logs();
  for await (const { message } of told) {
    if (/The lease was transferred from tester to heir$/.test(message)) break;
  }
});

Deno.test("the new client is served at once, and both have the session of one lease", async () => {
  await using bench = await leased({});
  const { controller, lease, tester } = bench;
  const before = await tester.report();
  controller.transferLease(lease, "heir");
  await asHeir(bench, async (heir) => {
    assert.deepEqual(await heir.report(), before);
    await powerOn(heir);
  });
  await refuses(bench);
});

Deno.test("hooks know the client that has the lease, and beforeLease runs no second time", async () => {
  await using bench = await leased(HOOKS);
  const { controller, lease } = bench;
  controller.transferLease(lease, "heir");
  await asHeir(bench, powerOn);
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
  await tester.report();
  const early = powerOn(tester);
  early.catch(() => {});
  // On the same connection, so earlier calls have arrived.
  await tester.report();
  await tester.report();
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
  const late = controller.sessionClient(lease, { connectMs: 5_000 });
  late.catch(() => {});
  // Both sides are connecting to the router.
  await until(() => way.waiting === 2, SOON_MS);
  controller.transferLease(lease, "heir");
  await bench.running.line(/transferred/);
  way.open();
  await assert.rejects(late);
  await using heir = await controller.sessionClient(lease);
  await powerOn(heir);
  const switched = bench.running.records.filter(({ message }) => message === "power on");
  assert.equal(switched.length, 1);
});

Deno.test("a transfer that nobody tells of is heard of when the controller is back", async () => {
  await using bench = await leased(HOOKS);
  const { controller, lease, running } = bench;
  await controller.stop();
  controller.transferLease(lease, "heir");
  await controller.start();
  await running.line(/transferred from tester to heir/);
  await refuses(bench);
  await asHeir(bench, powerOn);
  assert.deepEqual(hookLines(bench), ["before for tester"]);
});

Deno.test("a lease without hooks that the former client had ended is ready for the new one", async () => {
  await using bench = await leased({});
  const { controller, lease, tester } = bench;
  await tester.endSession();
  controller.transferLease(lease, "heir");
  await asHeir(bench, async (heir) => {
    await until(async () => {
      const { status } = await heir.status();
      return status === Status.EXPORTER_STATUS_LEASE_READY;
    }, SOON_MS);
    await powerOn(heir);
  });
});

Deno.test("a lease that goes from hand to hand leaves no stream and no tunnel behind", async () => {
  await using bench = await leased({});
  const { controller, lease } = bench;
  for (const name of ["heir", "tester", "heir", "tester", "heir"]) {
    controller.transferLease(lease, name);
    await asHeir(bench, powerOn);
  }
  await until(() => listens(controller) === 1, SOON_MS);
  controller.endLease(lease);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  const { router } = controller;
  const tunnels = () => router.in("waiting").length + router.in("forwarding").length;
  await until(() => tunnels() === 0, SOON_MS);
});

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
