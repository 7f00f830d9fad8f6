/** Clients that reach an exporter through the proxy of their environment, as official clients do. */
import assert from "node:assert/strict";
import { certificates } from "../../tests/controller/tls.ts";
import { proxies, serveProxy } from "../hardware/http/testing.ts";
import { serveDrivers } from "../session/testing.ts";
import { connectSession, type SessionAddress } from "./connect.ts";

const HOST = "board.invalid";

Deno.test("connectSession() goes through a proxy, with TLS and without", async () => {
  await using served = await serveDrivers({ echo: { calls: { long: () => "x".repeat(1 << 20) } } });
  await using proxy = await serveProxy(() => {});
  using _env = proxies({ https_proxy: proxy.url });
  const { caPem: ca, server: { certPem: cert, keyPem: key } } = await certificates();
  const listen = (keys?: { cert: string; key: string }) =>
    served.session.listen({ hostname: "127.0.0.1", port: 0, ...(keys && { keys }) });
  const tls = { ca, insecure: false, serverName: "localhost" };
  const addresses: SessionAddress[] = [
    { kind: "tcp", endpoint: `${HOST}:${await listen()}` },
    { kind: "tls", endpoint: `${HOST}:${await listen({ cert, key })}`, tls },
  ];
  for (const address of addresses) {
    await using client = await connectSession(address);
    assert.equal(await client.call(served.uuid("echo"), "long"), "x".repeat(1 << 20));
    assert.equal(proxy.requests.at(-1)!.url, (address as { endpoint: string }).endpoint);
  }
  assert.equal(proxy.requests.length, addresses.length);
});

Deno.test("connectSession() names a proxy that refuses", async () => {
  await using proxy = await serveProxy(() => {}, () => false);
  using _env = proxies({ https_proxy: proxy.url });
  for (const kind of ["tcp", "tls"] as const) {
    const endpoint = `${HOST}:8090`;
    await assert.rejects(connectSession({ kind, endpoint, tls: { insecure: true } }), {
      name: "ConnectError",
      message: `Cannot connect to the exporter at ${endpoint}: the proxy ${proxy.url.slice(7)} ` +
        `(https_proxy) refused to connect to ${endpoint}: 403 Forbidden; allow CONNECT to ` +
        `${endpoint} in the proxy, or name ${HOST} in no_proxy to connect to it directly`,
    });
  }
});
