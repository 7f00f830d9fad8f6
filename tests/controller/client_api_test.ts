import assert from "node:assert/strict";
import {
  ClientServiceService as service,
  CreateLeaseRequest,
  type Lease,
  ListExportersRequest,
  ListLeasesRequest,
  UpdateLeaseRequest,
} from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { CallSettings, ClientMethod } from "../../src/wire/grpc/client.ts";
import { Connection, identityMetadata } from "./connection.ts";
import { TestController } from "./controller.ts";
import { RawExporter } from "./raw_exporter.ts";
import { Code } from "./rpc_error.ts";

const parent = "namespaces/lab";

async function setUp() {
  const controller = await TestController.start();
  const board = controller.addExporter({ name: "board", labels: { site: "lab" } });
  const exporter = new RawExporter(controller, board);
  const client = new Connection(controller);
  // Its token is what it was, also after RotateToken.
  const identity = { ...controller.addClient({ name: "tester" }) };
  const metadata = identityMetadata("Client", identity);
  const ask = <Request, Response>(
    method: ClientMethod<Request, Response>,
    request: Request,
    settings: CallSettings = {},
  ) => client.ask(method, request, { metadata, ...settings });
  return {
    ...{ controller, exporter, identity, ask },
    create(wish: Partial<Lease>, leaseId = ""): Promise<Lease> {
      const request = CreateLeaseRequest.fromPartial({ parent, leaseId, lease: wish });
      return ask(service.createLease, request);
    },
    get: (name: string): Promise<Lease> => ask(service.getLease, { name }),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      exporter[Symbol.dispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

/** The conditions of a lease, in order. */
function conditions(lease: Lease): string[] {
  return lease.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

const fails = (promise: Promise<unknown>, code: Code) => assert.rejects(promise, { code });

Deno.test("CreateLease waits for a registered exporter that says Available", async () => {
  await using rig = await setUp();
  const { exporter } = rig;
  const pending = await rig.create({ selector: "site=lab" }, "mine");
  assert.equal(pending.name, "namespaces/lab/leases/mine");
  assert.equal(pending.client, "namespaces/lab/clients/tester");
  assert.deepEqual(conditions(pending), ["Pending=True NotAvailable", "Ready=False NotAvailable"]);
  await exporter.report(ExporterStatus.EXPORTER_STATUS_AVAILABLE);
  assert.equal((await rig.get(pending.name)).exporter, "");
  await exporter.register();
  const ready = await rig.get(pending.name);
  assert.equal(ready.exporter, "namespaces/lab/exporters/board");
  assert.equal(conditions(ready).at(-1), "Ready=True Ready");
});

Deno.test("CreateLease gives one exporter to one lease, and the next when it is free again", async () => {
  await using rig = await setUp();
  await rig.exporter.start();
  const first = await rig.create({ exporterName: "board" });
  const second = await rig.create({ selector: "site in (lab)" });
  assert.equal(first.exporter, "namespaces/lab/exporters/board");
  assert.equal(second.exporter, "");
  await rig.exporter.report(ExporterStatus.EXPORTER_STATUS_LEASE_READY);
  await rig.ask(service.deleteLease, { name: first.name });
  assert.equal((await rig.get(second.name)).exporter, "");
  assert.deepEqual(conditions(await rig.get(first.name)), ["Ready=False Released"]);
  await rig.exporter.report(ExporterStatus.EXPORTER_STATUS_AVAILABLE);
  assert.equal((await rig.get(second.name)).exporter, "namespaces/lab/exporters/board");
});

Deno.test("CreateLease refuses what can never be satisfied", async () => {
  await using rig = await setUp();
  const lease = await rig.create({ selector: "site=moon" });
  assert.ok(conditions(lease).includes("Unsatisfiable=True NoMatch"));
  await fails(rig.create({}), Code.INVALID_ARGUMENT);
  await fails(rig.create({ selector: "a b" }), Code.INVALID_ARGUMENT);
  await rig.create({ selector: "site=lab" }, "twin");
  await fails(rig.create({ selector: "site=lab" }, "twin"), Code.ALREADY_EXISTS);
  await fails(rig.get("namespaces/lab/leases/none"), Code.NOT_FOUND);
  await fails(rig.get("namespaces/elsewhere/leases/twin"), Code.NOT_FOUND);
});

Deno.test("a lease expires after its duration, and the exporter is told", async () => {
  await using rig = await setUp();
  await rig.exporter.start();
  const stream = rig.exporter.status();
  await stream.next();
  const lease = await rig.create({ selector: "site=lab", duration: { seconds: 0, nanos: 5e7 } });
  assert.equal((await stream.next()).leased, true);
  assert.equal((await stream.next()).leased, false);
  const ended = await rig.get(lease.name);
  assert.deepEqual(conditions(ended), ["Ready=False Expired"]);
  assert.ok(ended.effectiveEndTime);
  await stream.cancel();
});

Deno.test("UpdateLease changes what the mask names, and a transfer locks the old client out", async () => {
  await using rig = await setUp();
  const { controller } = rig;
  controller.addClient({ name: "heir" });
  await rig.exporter.start();
  const { name } = await rig.create({ selector: "site=lab" });
  const update = (lease: Partial<Lease>, updateMask: string[]) => {
    const request = UpdateLeaseRequest.fromPartial({ lease: { ...lease, name }, updateMask });
    return rig.ask(service.updateLease, request);
  };
  const longer = await update({ duration: { seconds: 7200, nanos: 0 } }, ["duration"]);
  assert.equal(longer.duration?.seconds, 7200);
  const moved = await update({ client: "namespaces/lab/clients/heir" }, ["client"]);
  assert.equal(moved.client, "namespaces/lab/clients/heir");
  await fails(update({ client: "tester" }, ["client"]), Code.PERMISSION_DENIED);
});

Deno.test("ListExporters and ListLeases filter", async () => {
  await using rig = await setUp();
  const { controller } = rig;
  controller.addExporter({ name: "far", labels: { site: "moon" } });
  await rig.exporter.start();
  const exporters = async (filter: string) => {
    const request = ListExportersRequest.fromPartial({ parent, filter });
    const { exporters } = await rig.ask(service.listExporters, request);
    return exporters.map(({ name, online }) => `${name.split("/").at(-1)} ${online}`);
  };
  assert.deepEqual(await exporters(""), ["board true", "far false"]);
  assert.deepEqual(await exporters("site=moon"), ["far false"]);
  const first = await rig.create({ selector: "site=lab", tags: { team: "a" } });
  await rig.ask(service.deleteLease, { name: first.name });
  await rig.create({ selector: "site=lab", tags: { team: "b" } });
  const leases = async (fields: Partial<ListLeasesRequest>) => {
    const request = ListLeasesRequest.fromPartial({ parent, ...fields });
    return (await rig.ask(service.listLeases, request)).leases.length;
  };
  assert.equal(await leases({}), 1);
  assert.equal(await leases({ onlyActive: false }), 2);
  assert.equal(await leases({ onlyActive: false, tagFilter: "team=a" }), 1);
  assert.equal(await leases({ filter: "site=moon" }), 0);
});

Deno.test("RotateToken locks the old token out", async () => {
  await using rig = await setUp();
  const { token } = await rig.ask(service.rotateToken, { parent });
  await fails(rig.ask(service.rotateToken, { parent }), Code.UNAUTHENTICATED);
  const metadata = identityMetadata("Client", { ...rig.identity, token });
  await rig.ask(service.rotateToken, { parent }, { metadata });
});
