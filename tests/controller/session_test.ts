import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
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
import { openTunnel as openTunnelLink } from "../../src/client/router_tunnel.ts";
import { SessionClient } from "../../src/client/session_client.ts";
import { Code } from "../../src/wire/code.ts";
import { TestController } from "./controller.ts";
import { RawExporter } from "./raw_exporter.ts";
import { openTunnel, type Tunnel } from "./tunnel_client.ts";

const getReport: handleUnaryCall<Empty, GetReportResponse> = (_call, callback) => {
  callback(null, GetReportResponse.fromPartial({ uuid: "the-session" }));
};
const echo: handleBidiStreamingCall<StreamRequest, StreamResponse> = (call) => {
  // Clients send nothing before they have the headers.
  call.sendMetadata(new Metadata());
  call.on("data", (frame) => call.write(frame));
  call.on("end", () => call.end());
};

/** A session behind tunnels: a server of grpc-js, which is given every tunnel as a connection. */
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
      const tunnel = await openTunnel({ endpoint, token, caPem: controller.caPem });
      tunnel.bytes.on("error", () => {});
      tunnels.push(tunnel);
      injector.injectConnection(tunnel.bytes);
    },
    async [Symbol.asyncDispose]() {
      for (const { bytes } of tunnels) bytes.destroy();
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
  const [session] = await Promise.all([rig.controller.sessionClient(rig.lease), rig.accept()]);
  await using _closing = session;
  assert.equal((await session.report()).uuid, "the-session");
  const stream = await session.bytes("a driver", "connect");
  const sent = randomBytes(1024 * 1024);
  stream.end(sent);
  assert.deepEqual(await buffer(stream), sent);
});

Deno.test("sessionClient() that is killed shows at the router only as a lost party", async () => {
  await using rig = await setUp();
  const { token, endpoint } = await rig.controller.dial(rig.lease);
  const tls = { ca: rig.controller.caPem, insecure: false };
  const signal = AbortSignal.timeout(10_000);
  const [tunnel] = await Promise.all([
    openTunnelLink({ endpoint, token, tls }, signal),
    rig.accept(),
  ]);
  await using session = await SessionClient.open(tunnel.link, {}, signal);
  await session.report();
  tunnel.abort();
  await assert.rejects(session.report({ timeoutMs: 200 }), { code: Code.UNAVAILABLE });
  assert.equal(rig.controller.router.in("forwarding").length, 1);
});

Deno.test("sessionClient() says why it could not dial", async () => {
  await using rig = await setUp();
  rig.controller.endLease(rig.lease);
  await assert.rejects(rig.controller.sessionClient(rig.lease), /has ended/);
});
