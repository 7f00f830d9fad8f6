import assert from "node:assert/strict";
import { createConnection, createServer } from "node:net";
import { ConnLink, DuplexLink } from "./link.ts";

/** Who a listener on `hostname` sees when somebody connects to `to`. */
async function seen(hostname: string, to: string): Promise<{ peer: string; expected: string }> {
  using listener = Deno.listen({ hostname, port: 0 });
  const accepted = listener.accept();
  using client = await Deno.connect({ hostname: to, port: listener.addr.port });
  using conn = await accepted;
  const { hostname: host, port } = client.localAddr;
  const expected = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { peer: new ConnLink(conn).peer, expected };
}

Deno.test("ConnLink.peer is host and port, the same for IPv4 on a socket of both families", async () => {
  for (const [hostname, to] of [["127.0.0.1", "127.0.0.1"], ["::1", "::1"], ["::", "127.0.0.1"]]) {
    const { peer, expected } = await seen(hostname!, to!);
    assert.equal(peer, expected);
  }
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
