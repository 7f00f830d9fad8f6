import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import type { Empty } from "../../src/wire/gen/google/protobuf/empty.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import {
  ExporterServiceService,
  GetReportResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import {
  RouterServiceService,
  type StreamRequest,
  type StreamResponse,
} from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { ask } from "./ask.ts";
import { TestController } from "./controller.ts";
import { RawExporter } from "./raw_exporter.ts";
import { openTunnel, type Tunnel } from "./tunnel_client.ts";

const getReport: handleUnaryCall<Empty, GetReportResponse> = (_call, callback) => {
  callback(null, GetReportResponse.fromPartial({ uuid: "the-session" }));
};
const echo: handleBidiStreamingCall<StreamRequest, StreamResponse> = (call) => {
  call.on("data", (frame) => call.write(frame));
  call.on("end", () => call.end());
};

/** A session behind tunnels: one gRPC server that is given every tunnel as a connection. */
async function setUp() {
  const controller = await TestController.start();
  const identity = controller.addExporter({ name: "board" });
  controller.addClient({ name: "tester" });
  const exporter = new RawExporter(controller, identity);
  await exporter.start();
  const lease = controller.lease("board", "tester");
  await exporter.report(ExporterStatus.EXPORTER_STATUS_LEASE_READY);
  const listen = exporter.listen(lease.name);
  await controller.next("Listen");
  const server = new Server();
  server.addService(ExporterServiceService, { getReport });
  server.addService(RouterServiceService, { stream: echo });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const tunnels: Tunnel[] = [];
  return {
    ...{ controller, lease, tunnels },
    /** Takes the next token and serves its tunnel. */
    async accept() {
      const { routerEndpoint: endpoint, routerToken: token } = await listen.next();
      const tunnel = openTunnel({ endpoint, token, caPem: controller.caPem });
      tunnel.on("error", () => {});
      tunnels.push(tunnel);
      injector.injectConnection(tunnel);
    },
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.cancel();
      await Promise.all(tunnels.map(({ status }) => status));
      injector.destroy();
      server.forceShutdown();
      await listen.cancel();
      exporter[Symbol.dispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

Deno.test("sessionClient() reaches a session through the router", async () => {
  await using rig = await setUp();
  await using session = await rig.controller.sessionClient(rig.lease);
  const accepted = rig.accept();
  assert.equal((await ask(session.exporter, "getReport", {})).uuid, "the-session");
  await accepted;
  const stream = session.router.stream();
  const payload = new Uint8Array(randomBytes(1024 * 1024));
  stream.write({ payload, frameType: 0 });
  const [frame] = await once(stream, "data");
  assert.deepEqual(new Uint8Array(frame.payload), payload);
  stream.end();
  await once(stream, "end");
  assert.deepEqual([rig.tunnels.length, session.failures.length], [1, 0]);
});

Deno.test("sessionClient() that is killed shows at the router only as a lost party", async () => {
  await using rig = await setUp();
  await using session = await rig.controller.sessionClient(rig.lease);
  const accepted = rig.accept();
  await ask(session.exporter, "getReport", {});
  await accepted;
  session.kill();
  await assert.rejects(ask(session.exporter, "getReport", {}, { timeoutMs: 200 }));
  assert.equal(rig.controller.router.in("forwarding").length, 1);
});

Deno.test("sessionClient() keeps why it could not dial", async () => {
  await using rig = await setUp();
  rig.controller.endLease(rig.lease);
  await using session = await rig.controller.sessionClient(rig.lease);
  await assert.rejects(ask(session.exporter, "getReport", {}, { timeoutMs: 500 }));
  assert.match(session.failures[0]?.message ?? "", /has ended/);
});
