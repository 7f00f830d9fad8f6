import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as tls from "node:tls";
import { credentials, Metadata, type ServiceError, status as Code } from "@grpc/grpc-js";
import { ControllerServiceClient } from "../../src/wire/grpc_js/controller_service_client.ts";
import { AlpnProbe } from "./alpn.ts";
import { BadPort } from "./bad_port.ts";
import { TestController } from "./controller.ts";
import { certificates } from "./tls.ts";
import { until } from "../until.ts";

/** The error with which a call to `endpoint` fails in grpc-js, which exporters use for the controller. */
async function failure(endpoint: string, caPem: string, timeoutMs = 5000): Promise<ServiceError> {
  const trust = credentials.createSsl(Buffer.from(caPem));
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const client = new ControllerServiceClient(endpoint, trust, options);
  const deadline = Date.now() + timeoutMs;
  try {
    return await new Promise((resolve, reject) => {
      const request = { labels: {}, reports: [] };
      client.register(request, new Metadata(), { deadline }, (error) => {
        error ? resolve(error) : reject(new Error("the call was answered"));
      });
    });
  } finally {
    client.close();
  }
}

function agreed(port: number, caPem: string, offered: string[]): Promise<string | false> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", servername: "localhost", ca: caPem };
    const socket = tls.connect({ ...options, ALPNProtocols: offered }, () => {
      resolve(socket.alpnProtocol ?? false);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

Deno.test("certificates() makes a good certificate and the bad ones", async () => {
  const made = await certificates();
  assert.equal(await certificates(), made);
  for (const name of ["expired", "wrongName", "otherCa"] as const) {
    await using controller = await TestController.start({ certificate: made[name] });
    assert.equal((await failure(controller.endpoint, made.caPem)).code, Code.UNAVAILABLE, name);
    assert.equal(controller.calls.length, 0);
  }
  await using good = await TestController.start();
  assert.equal((await failure(good.endpoint, made.caPem)).code, Code.UNAUTHENTICATED);
});

Deno.test("the controller's port prefers HTTP/1.1 and the router's knows only HTTP/2", async () => {
  await using controller = await TestController.start();
  const { caPem, front, router } = controller;
  assert.equal(await agreed(front.port, caPem, ["h2", "http/1.1"]), "http/1.1");
  assert.equal(await agreed(front.port, caPem, ["h2"]), "h2");
  assert.equal(await agreed(router.front.port, caPem, ["h2", "http/1.1"]), "h2");
});

/** An HTTP/2 connection (RFC 9113 §3.4) with one call, whose headers no library has tidied. */
function rawCall(path: string, headers: [string, string][]): Buffer {
  const all: [string, string][] = [
    [":method", "POST"],
    [":scheme", "https"],
    [":authority", "localhost"],
    [":path", path],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...headers,
  ];
  // HPACK literals without indexing (RFC 7541 §6.2.2): a zero byte, then name and value.
  const block = Buffer.concat(
    all.map(([name, value]) =>
      Buffer.from(
        `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
      )
    ),
  );
  const frame = (kind: number, flags: number, stream: number, payload: Buffer) =>
    Buffer.concat([Buffer.from([0, 0, payload.length, kind, flags, 0, 0, 0, stream]), payload]);
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const [SETTINGS, HEADERS, END_HEADERS] = [4, 1, 4];
  return Buffer.concat([
    preface,
    frame(SETTINGS, 0, 0, Buffer.alloc(0)),
    frame(HEADERS, END_HEADERS, 1, block),
  ]);
}

Deno.test("a repeated authorization header is seen, though node:http2 hides it", async () => {
  await using controller = await TestController.start();
  const { caPem: ca, router } = controller;
  const options = { port: router.front.port, host: "127.0.0.1", servername: "localhost", ca };
  const socket = tls.connect({ ...options, ALPNProtocols: ["h2"] });
  socket.write(rawCall("/jumpstarter.v1.RouterService/Stream", [
    ["authorization", "Bearer a"],
    ["authorization", "Bearer b"],
  ]));
  await until(() => router.refused.length > 0);
  assert.deepEqual(router.refused, ["multiple authorization headers"]);
  socket.destroy();
});

Deno.test("AlpnProbe sees what a client offers", async () => {
  await using probe = await AlpnProbe.open();
  const { caPem } = await certificates();
  const port = Number(probe.endpoint.split(":")[1]);
  for (const offered of [["h2"], ["h2", "http/1.1"]]) {
    const offer = probe.next();
    await assert.rejects(agreed(port, caPem, offered));
    assert.deepEqual(await offer, offered);
  }
});

Deno.test("BadPort accepts and says nothing, or garbage", async () => {
  const { caPem } = await certificates();
  await using garbage = await BadPort.open(new TextEncoder().encode("garbage\r\n".repeat(100)));
  assert.equal((await failure(garbage.endpoint, caPem)).code, Code.UNAVAILABLE);
  await using silent = await BadPort.open();
  assert.equal((await failure(silent.endpoint, caPem, 200)).code, Code.DEADLINE_EXCEEDED);
  assert.ok(garbage.accepted > 0 && silent.accepted > 0);
});
