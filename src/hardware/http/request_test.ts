import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { DriverError, Timeout } from "../../wire/error.ts";
import * as http from "./mod.ts";
import { selfSigned, serve } from "./testing.ts";

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await Array.fromAsync(request)).join("");
  const { method, url, headers: { authorization, "content-type": type } } = request;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, authorization, type, body }));
}

Deno.test("request() sends method, headers, body and credentials, and reads the answer", async () => {
  await using site = await serve(echo);
  const answer = await http.request("POST", `${site.url}/relay?id=1`, {
    headers: { "Content-Type": "text/plain" },
    body: "on",
    auth: { user: "me", password: "pä:ss" },
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.statusText, "OK");
  assert.equal(answer.headers["content-type"], "application/json");
  assert.deepEqual(answer.json(), {
    method: "POST",
    url: "/relay?id=1",
    authorization: `Basic ${Buffer.from("me:pä:ss").toString("base64")}`,
    type: "text/plain",
    body: "on",
  });
  const bearer = await http.request("PUT", site.url, {
    body: Uint8Array.of(0x6f, 0x6e),
    auth: { token: "abc" },
  });
  assert.deepEqual(bearer.json(), {
    method: "PUT",
    url: "/",
    authorization: "Bearer abc",
    body: "on",
  });
});

Deno.test("request() throws for a status that is no success, unless any status is wanted", async () => {
  await using site = await serve((_request, response) => {
    response.writeHead(404, "No such relay").end("<html>");
  });
  await assert.rejects(http.request("GET", `${site.url}/x?key=secret`), {
    name: "DriverError",
    message: `Cannot GET ${site.url}/x?[REDACTED]: ` +
      "expected a success, found status 404 No such relay",
  });
  const answer = await http.request("GET", site.url, { anyStatus: true });
  assert.deepEqual([answer.status, answer.text()], [404, "<html>"]);
  assert.throws(() => answer.json(), /^DriverError: Cannot GET .*: expected JSON in the answer: /);
});

Deno.test("request() bounds the whole time, be it silence or a slow body", async () => {
  await using site = await serve((request, response) => {
    if (request.url === "/silent") return;
    const drip = setInterval(() => response.write("."), 10);
    response.once("close", () => clearInterval(drip));
  });
  for (const path of ["/silent", "/slow"]) {
    await assert.rejects(http.request("GET", site.url + path, { timeoutMs: 100 }), (error) => {
      assert.ok(error instanceof Timeout);
      assert.equal(error.message, `Cannot GET ${site.url}${path}: found no answer within 0.1 s`);
      return true;
    });
  }
});

Deno.test("request() ends with its signal, by the reason of the signal", async () => {
  await using site = await serve(() => {});
  const leaving = new AbortController();
  const asking = http.request("GET", site.url, { signal: leaving.signal });
  while (site.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort(new Error("the client left"));
  await assert.rejects(asking, { message: "the client left" });
  await assert.rejects(http.request("GET", site.url, { signal: leaving.signal }), {
    message: "the client left",
  });
});

Deno.test("request() refuses an answer that is too long, also when it is compressed", async () => {
  await using site = await serve((request, response) => {
    const body = Buffer.alloc(1000);
    if (request.url === "/packed") response.setHeader("content-encoding", "gzip");
    response.end(request.url === "/packed" ? gzipSync(body) : body);
  });
  for (const path of ["/", "/packed"]) {
    await assert.rejects(http.request("GET", site.url + path, { maxBytes: 999 }), {
      message:
        `Cannot GET ${site.url}${path}: expected at most 999 bytes in the answer, found more`,
    });
    assert.equal(
      (await http.request("GET", site.url + path, { maxBytes: 1000 })).body.length,
      1000,
    );
  }
});

Deno.test("request() follows redirects: a POST becomes a GET, unless the status forbids it", async () => {
  await using site = await serve((request, response) => {
    const [, status] = /^\/(\d+)$/.exec(request.url!) ?? [];
    if (status) response.writeHead(Number(status), { location: "/there" }).end();
    else echo(request, response);
  });
  const headers = { "content-type": "text/plain", authorization: "t" };
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await http.request("POST", `${site.url}/${status}`, { headers, body: "on" });
    assert.deepEqual(
      answer.json(),
      status < 307
        ? { method: "GET", url: "/there", authorization: "t", body: "" }
        : { method: "POST", url: "/there", authorization: "t", type: "text/plain", body: "on" },
    );
  }
  assert.deepEqual((await http.request("HEAD", `${site.url}/303`)).body, new Uint8Array());
  assert.equal(site.requests.at(-1)!.method, "HEAD");
});

Deno.test("request() trusts the given certificates, and the host's where there are none", async () => {
  const pair = await selfSigned();
  await using site = await serve(echo, pair);
  const answer = await http.request("GET", site.url, { ca: pair.cert });
  assert.equal(answer.status, 200);
  await assert.rejects(http.request("GET", site.url), (error) => {
    assert.ok(error instanceof DriverError);
    assert.match(error.message, /^Cannot GET https:\/\/localhost:\d+: .*(certificate|issuer)/i);
    return true;
  });
});

Deno.test("request() says where nobody listens, and what is no address", async () => {
  const site = await serve(() => {});
  await site[Symbol.asyncDispose]();
  await assert.rejects(http.request("GET", `${site.url}/on`), (error) => {
    assert.ok(error instanceof DriverError);
    assert.match(error.message, /^Cannot GET http:\/\/127\.0\.0\.1:\d+\/on: .*refused/i);
    return true;
  });
  await assert.rejects(http.request("GET", "relay.local/on"), { name: "InvalidArgument" });
});
