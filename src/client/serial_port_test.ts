/** Serial ports whose drivers tell more than the official one, less, or fail. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { DeviceError, type Methods } from "../driver/mod.ts";
import { serveDrivers } from "../session/testing.ts";
import { type DriverClient, driverTree } from "./driver_client.ts";
import { flush, lossOf, openWithScrollback } from "./serial_port.ts";

const lost = () => {
  throw new DeviceError("no such port");
};

const PORTS: Record<string, Methods> = {
  ours: {
    calls: { loss: () => "it was unplugged", flush: () => null },
    bytes: { scrollback: () => new PassThrough().end("earlier") },
  },
  official: { bytes: { connect: () => new PassThrough() } },
  broken: { calls: { loss: lost, flush: lost }, bytes: { scrollback: lost } },
};

async function withPorts(use: (port: (name: string) => DriverClient) => Promise<void>) {
  await using served = await serveDrivers(PORTS);
  const client = await served.connect();
  const tree = await driverTree(client);
  await use((name) => tree.children.get(name)!);
}

Deno.test("serial ports of this project have a scroll-back, a loss and a flush", async () => {
  await withPorts(async (port) => {
    const stream = await openWithScrollback(port("ours"));
    assert.equal(await text(stream!), "earlier");
    assert.equal(await lossOf(port("ours")), "it was unplugged");
    await flush(port("ours"));
  });
});

Deno.test("serial ports of others do without", async () => {
  await withPorts(async (port) => {
    assert.equal(await openWithScrollback(port("official")), undefined);
    assert.equal(await lossOf(port("official")), undefined);
    await flush(port("official"));
  });
});

Deno.test("errors of serial ports are told, and are the loss where there is no other", async () => {
  await withPorts(async (port) => {
    await assert.rejects(openWithScrollback(port("broken")), { details: "no such port" });
    assert.equal(await lossOf(port("broken")), "no such port");
    await assert.rejects(flush(port("broken")), { details: "no such port" });
  });
});
