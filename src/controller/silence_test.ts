/** Peers that take a connection, complete the TLS handshake, and never say a word of HTTP/2. */
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import * as tls from "node:tls";
import { certificates } from "../../tests/controller/tls.ts";
import { ControllerClient } from "./client.ts";
import { RouterConnections } from "./router.ts";

/** Accepts connections and keeps them. */
async function mute() {
  const { caPem, server } = await certificates();
  const sockets: tls.TLSSocket[] = [];
  const listener = tls.createServer(
    { cert: server.certPem, key: server.keyPem, ALPNProtocols: ["h2"] },
    (socket) => {
      socket.on("error", () => {});
      socket.resume();
      sockets.push(socket);
    },
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `localhost:${(listener.address() as AddressInfo).port}`,
    options: { tls: { ca: caPem, insecure: false }, channelOptions: {} },
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

Deno.test("ControllerClient replaces a connection that is never established", async () => {
  await using peer = await mute();
  const { endpoint, options, sockets } = peer;
  using client = new ControllerClient({
    ...options,
    endpoint,
    identity: { namespace: "lab", name: "demo" },
    token: () => Promise.resolve("token"),
    deadlineMs: 500,
  });
  const { signal } = new AbortController();
  await assert.rejects(client.status(signal).next());
  await assert.rejects(client.unregister("tests", signal));
  await assert.rejects(client.status(signal).next());
  assert.equal(sockets.length, 3);
});

Deno.test("RouterConnections replaces a connection that is never established", async () => {
  await using peer = await mute();
  const { endpoint, options, sockets } = peer;
  using routers = new RouterConnections({ ...options, connectMs: 500 });
  await assert.rejects(routers.open(endpoint, "token"));
  await assert.rejects(routers.open(endpoint, "token"));
  assert.equal(sockets.length, 2);
});

Deno.test("RouterConnections closes abandoned connections to a peer that is silent after TLS", async () => {
  await using peer = await mute();
  const { endpoint, options, sockets } = peer;
  {
    using routers = new RouterConnections({ ...options, connectMs: 200 });
    for (let round = 0; round < 5; round++) await assert.rejects(routers.open(endpoint, "token"));
  }
  assert.equal(sockets.length, 5);
  // It never closes them itself, so this is our doing.
  await Promise.all(sockets.map((socket) => socket.closed || once(socket, "close")));
});
