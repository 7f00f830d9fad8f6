import assert from "node:assert/strict";
import { parseEndpoint } from "../net/endpoint.ts";
import { grpcRoute } from "./grpc_proxy.ts";
import { isExempt } from "./no_proxy.ts";
import { parseProxy, proxyAuthorization } from "./proxy.ts";

/** The way to `target`, after "… is reached". */
function way(env: Record<string, string>, target = "lab.example:1", options = {}) {
  return grpcRoute(parseEndpoint(target), options, (name) => env[name]).reason;
}

Deno.test("grpcRoute() names the variable that decides", () => {
  const [a, b, c] = ["http://a:1", "http://b:1", "http://c:1"];
  const cases: [env: Record<string, string>, way: string | undefined][] = [
    [{}, undefined],
    [{ all_proxy: a }, undefined],
    [{ http_proxy: c, https_proxy: b, grpc_proxy: a }, "through the proxy a:1 (grpc_proxy)"],
    [{ http_proxy: c, https_proxy: b }, "through the proxy b:1 (https_proxy)"],
    [{ http_proxy: c, HTTPS_PROXY: b }, "through the proxy c:1 (http_proxy)"],
    [{ HTTP_PROXY: c, HTTPS_PROXY: b }, "directly, as gRPC reads HTTPS_PROXY in lower case only"],
    [{ HTTPS_PROXY: "" }, undefined],
    [{ grpc_proxy: "", https_proxy: b }, "directly, as grpc_proxy is empty"],
    [
      { https_proxy: b, no_grpc_proxy: "lab.example" },
      "directly, as no_grpc_proxy names it, not through https_proxy",
    ],
    [
      { https_proxy: b, no_grpc_proxy: "", no_proxy: "lab.example" },
      "through the proxy b:1 (https_proxy)",
    ],
    [{ https_proxy: b, NO_PROXY: "*" }, "through the proxy b:1 (https_proxy)"],
    [{ https_proxy: "http://b" }, "through the proxy b:443 (https_proxy)"],
    [{ https_proxy: "http://[fd00::1]:3128/x" }, "through the proxy [fd00::1]:3128 (https_proxy)"],
  ];
  for (const [env, expected] of cases) assert.equal(way(env), expected, JSON.stringify(env));
});

Deno.test("grpcRoute() obeys the options of the channel before the environment", () => {
  const env = { https_proxy: "http://b:1" };
  assert.equal(way(env, "a:1", { "grpc.enable_http_proxy": 0 }), undefined);
  assert.equal(way({ HTTPS_PROXY: "http://b" }, "a:1", { "grpc.enable_http_proxy": 0 }), undefined);
  const named = { "grpc.http_proxy": "http://c:1" };
  assert.equal(way(env, "a:1", named), "through the proxy c:1 (grpc.http_proxy)");
});

Deno.test("grpcRoute() warns of a value that it cannot use, and does not show it", () => {
  for (
    const value of [
      "me:secret@proxy:3128",
      "proxy:3128",
      "http://me:sec/ret@proxy:3128",
      "http://me:secret@proxy:99999",
      "socks5://me:secret@proxy",
      "http://",
      " http://proxy",
    ]
  ) {
    const { proxy, unusable, reason } = grpcRoute(
      { host: "a", port: 1 },
      {},
      (name) => name === "https_proxy" ? value : undefined,
    );
    assert.equal(proxy, undefined, value);
    assert.equal(unusable, true, value);
    assert.match(
      reason!,
      /^directly: https_proxy is no http:.*write https_proxy=http:\/\/<host>:<port>/,
    );
    assert.doesNotMatch(reason!, /secret|sec|proxy:3128/);
  }
  assert.match(
    way({ https_proxy: "https://me:secret@p" })!,
    /^directly: .* names an https:\/\/ proxy/,
  );
});

Deno.test("isExempt() knows domains, addresses, networks, ports and wildcards", () => {
  const cases: [target: string, list: string, exempt: boolean][] = [
    ["lab.example:1", "other, lab.example", true],
    ["lab.example:1", ".lab.example", true],
    ["board.LAB.example:1", "lab.example", true],
    ["mylab.example:1", "lab.example", false],
    ["lab.example:1", "", false],
    ["lab.example:1", "a,, ,", false],
    ["lab.example:1", "a lab.example", true],
    ["lab.example:1", "*", true],
    ["lab.example:1", "*.example", true],
    ["lab.example:1", "l*.example", true],
    ["labXexample:1", "lab.*", false],
    ["lab.example:1", "lab.example:1", true],
    ["lab.example:2", "lab.example:1", false],
    ["10.1.2.3:1", "10.0.0.0/8", true],
    ["11.1.2.3:1", "10.0.0.0/8", false],
    ["10.1.2.3:1", "10.1.2.3/99", true],
    ["10.1.2.3:1", "10.1.2.*", true],
    ["lab.example:1", "0.0.0.0/0", false],
    ["10.1.2.3:1", "10.1.2.3/", false],
    ["10.1.2.3:1", "nonsense/8", false],
    ["[fd00::1]:1", "fd00::/8", true],
    ["[fd00::1]:1", "fd00:0:0::1", true],
    ["[fd00::1]:1", "[fd00::1]", true],
    ["[fd00::1]:1", "[fd00::1]:2", false],
    ["10.1.2.3:1", "::/0", false],
  ];
  for (const [target, list, expected] of cases) {
    assert.equal(isExempt(parseEndpoint(target), list), expected, `${target} by '${list}'`);
  }
});

Deno.test("proxyAuthorization() decodes the percent signs of a URL, as bytes", () => {
  const sent = (user: string) => proxyAuthorization(parseProxy(`http://${user}@p`, "x")!);
  const basic = (...bytes: number[]) => `Basic ${btoa(String.fromCharCode(...bytes))}`;
  const ascii = (text: string) => basic(...new TextEncoder().encode(text));
  assert.deepEqual(sent("me:p%40ss%3A"), { "proxy-authorization": ascii("me:p@ss:") });
  assert.deepEqual(sent("me:p@ss"), { "proxy-authorization": ascii("me:p@ss") });
  assert.deepEqual(sent("me:50%"), { "proxy-authorization": ascii("me:50%") });
  assert.deepEqual(sent("%FC"), { "proxy-authorization": basic(0xfc) });
  assert.deepEqual(proxyAuthorization(parseProxy("http://p", "x")!), {});
});
