/** Bytes that no client would send: they end their own connection and nothing else. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { serveDrivers } from "../src/session/testing.ts";
import { Code } from "../src/wire/error.ts";
import { ExporterServiceService } from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { StatusError } from "../src/wire/grpc/status.ts";
import { TestController } from "./controller/controller.ts";
import { startExporter } from "./exporter.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS = "\0\0\0\x04\0\0\0\0\0";

/** Input from scanners, browsers and broken clients. */
function* nonsense(): Generator<Uint8Array> {
  const texts = [
    "",
    "\0",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    PREFACE,
    PREFACE.slice(0, 7),
    `${PREFACE}${SETTINGS}`,
    `${PREFACE}\xff\xff\xff\x04\0\0\0\0\0`,
    `${PREFACE}${SETTINGS}\0\0\x04\x01\x05\0\0\0\x01\xff\xff\xff\xff`,
    `${PREFACE}${SETTINGS}\0\0\x08\x06\0\0\0\0\x01abcdefgh`,
  ];
  for (const text of texts) yield Uint8Array.from(text, (char) => char.charCodeAt(0));
  const settled = `${PREFACE}${SETTINGS}`;
  for (let round = 0; round < 20; round++) {
    const noise = crypto.getRandomValues(new Uint8Array(1 + round * 97));
    yield noise;
    const prefix = Uint8Array.from(settled, (char) => char.charCodeAt(0));
    yield new Uint8Array([...prefix, ...noise]);
  }
}

/** Sends `bytes`, and waits until the peer closes the connection, or a moment. */
function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), 30);
    socket.on("error", () => {});
    socket.resume();
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

Deno.test("nonsense on the port leaves the session serving", async () => {
  await using served = await serveDrivers({ t: { calls: { ping: () => "pong" } } });
  const port = await served.session.listen({ hostname: "127.0.0.1", port: 0 });
  for (const bytes of nonsense()) await throwAt(port, bytes);
  assert.equal(await served.call("t", "ping"), "pong");
});

Deno.test("a message that is no protobuf fails its own call", async () => {
  await using served = await serveDrivers({ t: { calls: { ping: () => "pong" } } });
  const raw = (bytes: Uint8Array, path: string = ExporterServiceService.driverCall.path) => {
    const method = { path, requestSerialize: () => bytes, responseDeserialize: () => {} };
    return served.grpc.unary(method, undefined);
  };
  for (let round = 0; round < 20; round++) {
    const bytes = new Uint8Array([0x0a, 0x7f, ...crypto.getRandomValues(new Uint8Array(round))]);
    await assert.rejects(raw(bytes), ({ code }: StatusError) => {
      return ([Code.INTERNAL, Code.UNKNOWN, Code.NOT_FOUND] as number[]).includes(code);
    });
  }
  const nonsense = "/jumpstarter.v1.ExporterService/Nonsense";
  await assert.rejects(raw(new Uint8Array(), nonsense), { code: Code.UNIMPLEMENTED });
});

Deno.test("nonsense through a tunnel leaves the lease and its other tunnels alone", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  await using _running = await startExporter(controller.exporterConfigYaml("demo", tree));
  await controller.next("Status");
  const lease = controller.lease("demo", "tester");
  await controller.next("ReportStatus", ({ status }) => status === 4);
  for (const bytes of [...nonsense()].slice(0, 12)) {
    const tunnel = await controller.tunnel(lease);
    tunnel.bytes.on("error", () => {});
    tunnel.bytes.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));
    tunnel.bytes.destroy();
  }
  await using client = await controller.sessionClient(lease);
  const { reports } = await client.report();
  assert.equal(reports.length, 2);
});
