import assert from "node:assert/strict";
import { createConnection, createServer } from "node:net";
import { ConnLink, DuplexLink } from "./link.ts";
import { formatPeer } from "./peer_address.ts";

Deno.test("formatPeer() tells host and port apart, and IPv4 from IPv6", () => {
  assert.equal(formatPeer("192.0.2.1", 9), "192.0.2.1:9");
  assert.equal(formatPeer("2001:db8::1", 9), "[2001:db8::1]:9");
  assert.equal(formatPeer("::ffff:192.0.2.1", 9), "192.0.2.1:9");
  assert.equal(formatPeer("::ffff:c000:201", 9), "[::ffff:c000:201]:9");
});

Deno.test("ConnLink.peer is host and port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using conn = await accepted;
  assert.equal(new ConnLink(conn).peer, `127.0.0.1:${client.localAddr.port}`);
});

Deno.test("ConnLink.peer of a Unix socket says so", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-link-" });
  const listener = Deno.listen({ transport: "unix", path: `${dir}/socket` });
  const accepted = listener.accept();
  const client = await Deno.connect({ transport: "unix", path: `${dir}/socket` });
  const conn = await accepted;
  assert.equal(new ConnLink(conn).peer, "a Unix socket");
  for (const each of [conn, client, listener]) each.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("DuplexLink.peer is host and port of a socket, also when it has closed", async () => {
  const link = Promise.withResolvers<DuplexLink>();
  const server = createServer((socket) => link.resolve(new DuplexLink(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const client = createConnection(port, "127.0.0.1");
  const { peer } = await link.promise;
  assert.equal(peer, `127.0.0.1:${client.localPort}`);
  const closed = new Promise((resolve) => client.once("close", resolve));
  (await link.promise).close();
  client.resume();
  await closed;
  assert.equal((await link.promise).peer, peer);
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("ConnLink counts how often it has waited for its peer", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [conn, accepted] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  const link = new ConnLink(accepted);
  let heard = Promise.withResolvers<void>();
  let length = 0;
  link.start({
    bytes(bytes) {
      length += bytes.length;
      heard.resolve();
    },
    closed: () => heard.resolve(),
  });
  for (let round = 0; round < 4; round++) {
    assert.equal(link.waits, Math.max(0, round - 1));
    heard = Promise.withResolvers();
    await conn.write(new Uint8Array(100));
    await heard.promise;
  }
  assert.equal(length, 400);
  conn.close();
  heard = Promise.withResolvers();
  await heard.promise;
  link.close();
});

Deno.test("DuplexLink counts what carries its stream counts, where that is known", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1", () => resolve());
  await promise;
  const { port } = server.address() as { port: number };
  const socket = createConnection(port, "127.0.0.1");
  const carrier = { waits: 0 };
  const link = new DuplexLink(socket, { carrier });
  carrier.waits += 1;
  assert.equal(link.waits, 1);
  assert.equal(new DuplexLink(socket).waits, undefined);
  const closed = new Promise<void>((done) => void socket.once("close", () => done()));
  link.close();
  await closed;
  await new Promise<void>((done) => void server.close(() => done()));
});
