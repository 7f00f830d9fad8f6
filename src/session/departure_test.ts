import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { duplexPair, PassThrough } from "node:stream";
import { credentials, Metadata } from "@grpc/grpc-js";
import { RouterServiceClient } from "../wire/grpc_js/clients.ts";
import { DuplexLink } from "../wire/net/link.ts";
import { serveDrivers } from "./testing.ts";

interface Port extends AsyncDisposable {
  readonly number: number;
}

/** A port whose connections go where `accept` takes them; disposing it ends them. */
async function listen(accept: (socket: Socket) => void): Promise<Port> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    number: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("a tunnel that ends without a byte is closed at once", async () => {
  await using served = await serveDrivers({});
  const [near, far] = duplexPair();
  served.session.serve(new DuplexLink(far));
  const closed = new Promise((resolve) => far.once("close", resolve));
  near.resume();
  near.end();
  await closed;
});

Deno.test("a client whose side of the tunnel ends gives its device back, not at the next ping", async () => {
  const device = new PassThrough();
  await using served = await serveDrivers({ serial: { bytes: { connect: () => device } } });
  const [near, far] = duplexPair();
  served.session.serve(new DuplexLink(far));
  await using port = await listen((socket) => {
    socket.pipe(near, { end: false });
    near.pipe(socket);
  });
  const client = new RouterServiceClient(`127.0.0.1:${port.number}`, credentials.createInsecure());
  const metadata = new Metadata();
  const target = { kind: "driver", uuid: served.uuid("serial"), method: "connect" };
  metadata.set("request", JSON.stringify(target));
  const stream = client.stream(metadata);
  stream.on("error", () => {});
  await new Promise((resolve) => stream.once("metadata", resolve));
  const released = new Promise((resolve) => device.once("close", resolve));
  near.end();
  await released;
  assert.ok(far.destroyed);
  client.close();
});
