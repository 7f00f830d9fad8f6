/** Presigned requests where the environment names a proxy, which official exporters ignore. */
import assert from "node:assert/strict";
import type { PresignedHandle } from "../../driver/handle.ts";
import { download, upload } from "./presigned.ts";
import { proxies, serve, serveProxy } from "./testing.ts";

function handle(method: "GET" | "PUT", url: string): PresignedHandle {
  return { kind: "presigned_request", method, url, headers: {} };
}

const options = { signal: new AbortController().signal };

async function get(url: string): Promise<string> {
  const bytes = await Array.fromAsync(await download(handle("GET", url), options));
  return new TextDecoder().decode(bytes[0]);
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode("image"));
}

Deno.test("download() and upload() go through the proxy that the environment names", async () => {
  await using proxy = await serveProxy((request, response) => {
    request.resume().once("end", () => response.end("by proxy"));
  });
  using _env = proxies({ http_proxy: proxy.url });
  assert.equal(await get("http://images.invalid/a"), "by proxy");
  await upload(handle("PUT", "http://images.invalid/b"), content(), options);
  assert.deepEqual(proxy.requests.map(({ method, url }) => `${method} ${url}`), [
    "GET http://images.invalid/a",
    "PUT http://images.invalid/b",
  ]);
});

Deno.test("download() is direct where the proxy does not pass it on", async () => {
  await using site = await serve((_request, response) => response.end("direct"));
  await using proxy = await serveProxy((_request, response) => {
    response.writeHead(503, "Down").end("by proxy");
  }, () => false);
  const gone = await serve(() => {});
  await gone[Symbol.asyncDispose]();
  for (
    const env of [
      { http_proxy: proxy.url },
      { http_proxy: gone.url },
      { all_proxy: "socks5://127.0.0.1:1" },
      { http_proxy: proxy.url, no_proxy: "127.0.0.0/8" },
    ]
  ) {
    using _env = proxies(env);
    assert.equal(await get(site.url), "direct", JSON.stringify(env));
  }
  using _env = proxies({ http_proxy: gone.url });
  await upload(handle("PUT", site.url), content(), options);
});

Deno.test("download() names a proxy that does not pass it on where the host cannot be reached either", async () => {
  await using proxy = await serveProxy((_request, response) => {
    response.writeHead(503, "Down").end("by proxy");
  }, () => false);
  using _env = proxies({ http_proxy: proxy.url, https_proxy: proxy.url });
  const at = `the proxy ${proxy.url.slice(7)}`;
  await assert.rejects(get("http://images.invalid/a?secret"), {
    message: `Cannot download http://images.invalid/a?[REDACTED]: ${at} (http_proxy), or the ` +
      "server behind it, answered 503 Down; name images.invalid in no_proxy to connect to it directly",
  });
  await assert.rejects(upload(handle("PUT", "http://images.invalid/b"), content(), options), {
    message: `Cannot upload to http://images.invalid/b: ${at} (http_proxy), or the server behind ` +
      "it, answered 503 Down; name images.invalid in no_proxy to connect to it directly",
  });
  await assert.rejects(get("https://images.invalid/a"), {
    message:
      `Cannot download https://images.invalid/a: ${at} (https_proxy) refused to connect to ` +
      "images.invalid:443: 403 Forbidden; allow CONNECT to images.invalid:443 in the proxy, or " +
      "name images.invalid in no_proxy to connect to it directly; directly: getaddrinfo ENOTFOUND " +
      "images.invalid",
  });
});
