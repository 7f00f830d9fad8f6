import assert from "node:assert/strict";
import { parseAddress } from "./address.ts";
import * as http from "./mod.ts";
import { proxyFor } from "./proxy.ts";
import { proxies, selfSigned, serve, serveProxy } from "./testing.ts";

function hostOf(url: string, env: Record<string, string>): string | undefined {
  return proxyFor(parseAddress(url), (name) => env[name])?.host;
}

Deno.test("proxyFor() reads the variable of the scheme, lower case first", () => {
  const env = { http_proxy: "low:1", HTTP_PROXY: "http://up:1", HTTPS_PROXY: "https://me:pw@s" };
  assert.equal(hostOf("http://a/", env), "low");
  assert.equal(hostOf("https://a/", env), "s");
  assert.equal(hostOf("https://a/", { all_proxy: "all:3128" }), "all");
  assert.equal(hostOf("http://a/", { HTTP_PROXY: "" }), undefined);
  assert.throws(() => hostOf("http://a/", { http_proxy: "socks5://a" }), /expected http:/);
});

Deno.test("proxyFor() exempts the hosts, domains, ports and networks in no_proxy", () => {
  const exempt = (host: string, no_proxy: string) =>
    hostOf(`http://${host}/`, { http_proxy: "p:1", no_proxy }) === undefined;
  const cases: [host: string, list: string, exempt: boolean][] = [
    ["lab.example", "lab.example", true],
    ["board.LAB.example", "other, lab.example", true],
    ["board.lab.example", ".lab.example", true],
    ["board.lab.example", "*.lab.example", true],
    ["mylab.example", "lab.example", false],
    ["lab.example:8080", "lab.example:8080", true],
    ["lab.example", "lab.example:8080", false],
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["10.1.2.3", "10.1.2.3", true],
    ["[fd00::1]", "fd00::/8", true],
    ["[::1]", "::1", true],
    ["[::1]:8080", "[::1]:8080", true],
    ["lab.example", "*", true],
    ["lab.example", "", false],
    ["lab.example", "10.0.0.0/8,nonsense/99", false],
  ];
  for (const [host, list, expected] of cases) {
    assert.equal(exempt(host, list), expected, `${host} by '${list}'`);
  }
});

Deno.test("request() sends an http request to a proxy, with the credentials of proxy and server", async () => {
  await using proxy = await serveProxy((_request, response) => response.end("by proxy"));
  using _env = proxies({ HTTP_PROXY: proxy.url.replace("//", "//me:pw@"), NO_PROXY: "x.invalid" });
  const answer = await http.request("GET", "http://relay.invalid/on?x", { auth: { token: "t" } });
  assert.equal(answer.text(), "by proxy");
  const { url, headers } = proxy.requests[0]!;
  assert.equal(url, "http://relay.invalid/on?x");
  assert.equal(headers["host"], "relay.invalid");
  assert.equal(headers["authorization"], "Bearer t");
  assert.equal(headers["proxy-authorization"], `Basic ${btoa("me:pw")}`);
  await assert.rejects(http.request("GET", "http://relay.invalid/", { proxies: false }));
  await assert.rejects(http.request("GET", "http://x.invalid/"));
  assert.equal(proxy.requests.length, 1);
});

Deno.test("request() opens a tunnel for an https address, and verifies the server's certificate", async () => {
  const pair = await selfSigned();
  await using site = await serve((_request, response) => response.end("by tunnel"), pair);
  await using proxy = await serveProxy(() => {});
  using _env = proxies({ https_proxy: proxy.url });
  // A name that only the proxy resolves.
  const url = site.url.replace("localhost", "relay.invalid");
  assert.equal((await http.request("GET", url, { ca: pair.cert })).text(), "by tunnel");
  assert.equal(proxy.requests[0]!.url, new URL(url).host);
  await assert.rejects(http.request("GET", site.url), /certificate|issuer/i);
});

Deno.test("request() reports a proxy that refuses the tunnel or is unreachable", async () => {
  await using proxy = await serveProxy(() => {}, () => false);
  {
    using _env = proxies({ https_proxy: proxy.url });
    await assert.rejects(http.request("GET", "https://relay.invalid/"), {
      message: `Cannot GET https://relay.invalid/: the proxy ${proxy.url.slice(7)} (https_proxy) ` +
        "refused to connect to relay.invalid:443: 403 Forbidden; allow CONNECT to " +
        "relay.invalid:443 in the proxy, or name relay.invalid in no_proxy to connect to it directly",
    });
  }
  const gone = await serve(() => {});
  await gone[Symbol.asyncDispose]();
  using _env = proxies({ https_proxy: gone.url });
  await assert.rejects(
    http.request("GET", "https://relay.invalid/"),
    /^ConnectionFailed: .*cannot be reached \(.*refused.*\); correct https_proxy, or name relay/i,
  );
});
