/** Our rules for proxies, compared with those of the gRPC library of official exporters. */
import assert from "node:assert/strict";
import { formatEndpoint, parseEndpoint } from "../../../src/wire/net/endpoint.ts";
import { grpcRoute } from "../../../src/wire/proxy/grpc_proxy.ts";
import { proxyAuthorization } from "../../../src/wire/proxy/proxy.ts";
import { openClient } from "../client.ts";

type Case = [
  env: Record<string, string>,
  target?: string,
  options?: Record<string, string | number>,
];

const P = "http://PROXY";
const SAME: Case[] = [
  [{}],
  [{ https_proxy: P }],
  [{ http_proxy: P }],
  [{ grpc_proxy: P }],
  [{ all_proxy: P }],
  [{ ALL_PROXY: P }],
  [{ HTTPS_PROXY: P }],
  [{ HTTP_PROXY: P }],
  [{ GRPC_PROXY: P }],
  [{ https_proxy: P, NO_PROXY: "x.invalid" }],
  [{ grpc_proxy: "", https_proxy: P }],
  [{ https_proxy: "", http_proxy: P }],
  [{ grpc_proxy: P, https_proxy: "http://127.0.0.1:1" }],
  [{ http_proxy: "http://127.0.0.1:1", https_proxy: P }],
  [{ https_proxy: "PROXY" }],
  [{ https_proxy: "https://PROXY" }],
  [{ https_proxy: "socks5://PROXY" }],
  [{ https_proxy: "HTTP://PROXY" }],
  [{ https_proxy: " http://PROXY" }],
  [{ https_proxy: "http://" }],
  [{ https_proxy: "http://PROXY/path?x#y" }],
  [{ https_proxy: "http://me:p%40ss%3A@PROXY" }],
  [{ https_proxy: "http://me@PROXY" }],
  [{ https_proxy: "http://me:p@ss@PROXY" }],
  [{ https_proxy: "http://me:p%ss@PROXY" }],
  [{ https_proxy: "http://b%FCro:pä@PROXY" }],
  [{ https_proxy: P, no_proxy: "x.invalid" }],
  [{ https_proxy: P, no_proxy: "X.Invalid" }],
  [{ https_proxy: P, no_proxy: ".invalid" }],
  [{ https_proxy: P, no_proxy: ".x.invalid" }],
  [{ https_proxy: P, no_proxy: "lid" }],
  [{ https_proxy: P, no_proxy: "a, x.invalid" }],
  [{ https_proxy: P, no_proxy: "a, " }],
  [{ https_proxy: P, no_proxy: "a,," }],
  [{ https_proxy: P, no_proxy: "" }],
  [{ https_proxy: P, no_grpc_proxy: "", no_proxy: "x.invalid" }],
  [{ https_proxy: P, no_grpc_proxy: "x.invalid" }],
  [{ https_proxy: P, no_grpc_proxy: "b", no_proxy: "x.invalid" }],
  [{ https_proxy: P, no_proxy: "127.0.0.0/8" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "10.0.0.0/8" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "127.9.9.9/99" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "127.9.9.0/33" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "127.9.9.9/" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "0.0.0.0/0" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "0.0.0.0/0" }],
  [{ https_proxy: P, no_proxy: "127.9.9.9" }, "127.9.9.9:1"],
  [{ https_proxy: P, no_proxy: "::1/128" }, "[::1]:1"],
  [{ https_proxy: P, no_proxy: "::1" }, "[::1]:1"],
  [{ https_proxy: P, no_proxy: "fd00::/8" }, "[::1]:1"],
  [{ https_proxy: P, no_proxy: "::/0" }, "127.9.9.9:1"],
  [{ https_proxy: P }, "[::1]:1"],
  [{ https_proxy: P }, "127.0.0.1:1"],
  [{ https_proxy: P }, "localhost:1"],
  [{ https_proxy: P }, "x.invalid"],
  [{ https_proxy: P }, "x.invalid:1", { "grpc.enable_http_proxy": 0 }],
  [{ https_proxy: P }, "x.invalid:1", { "grpc.enable_http_proxy": 1 }],
  [{}, "x.invalid:1", { "grpc.http_proxy": P }],
  [{ https_proxy: P }, "x.invalid:1", { "grpc.http_proxy": "" }],
  [{ no_proxy: "x.invalid" }, "x.invalid:1", { "grpc.http_proxy": P }],
];

/** What the gRPC library ignores, and we take as other programs take it. */
const OURS: Case[] = [
  [{ https_proxy: P, no_proxy: "*" }],
  [{ https_proxy: P, no_proxy: "*.invalid" }],
  [{ https_proxy: P, no_proxy: "x.invalid:1" }],
  [{ https_proxy: P, no_proxy: "a x.invalid" }],
  [{ https_proxy: P, no_proxy: "[::1]" }, "[::1]:1"],
];

function complete([env, target = "x.invalid:1", options = {}]: Case): Required<Case> {
  return [env, target, options];
}

/** The same answer as of `proxy_rules.py`. */
function ours([env, name, options]: Required<Case>): [string | null, string | null] {
  const here = (value: string) => value.replace("PROXY", "127.0.0.1:3128");
  const target = parseEndpoint(name);
  const given = Object.entries(options).map(([key, value]) =>
    [key, typeof value === "string" ? here(value) : value] as const
  );
  const read = (variable: string) => env[variable] === undefined ? undefined : here(env[variable]);
  const { proxy } = grpcRoute(target, Object.fromEntries(given), read);
  if (!proxy) return [null, null];
  return [formatEndpoint(target), proxyAuthorization(proxy)["proxy-authorization"] ?? null];
}

Deno.test("grpcRoute() decides as the gRPC library of official exporters", async () => {
  const home = await Deno.makeTempDir({ prefix: "jmp-official-proxy-" });
  try {
    const client = await openClient(home);
    const cases = [...SAME, ...OURS].map(complete);
    const official = await client.show<unknown[]>("proxy_rules", {}, [JSON.stringify(cases)]);
    for (const [index, example] of cases.entries()) {
      const [env, target] = example;
      const found = ours(example);
      const message = `${JSON.stringify(env)} for ${target}`;
      if (index < SAME.length) assert.deepEqual(found, official[index], message);
      else assert.notDeepEqual(found, official[index], message);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
