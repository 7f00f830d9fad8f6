import assert from "node:assert/strict";
import { createServer as createTcpServer } from "node:net";
import { Deadline } from "../../base/deadline.ts";
import { CallResources } from "../../tree/call_resources.ts";
import { ClientStreams } from "../../tree/client_streams.ts";
import { Timeout } from "../../wire/error.ts";
import type { PresignedHandle } from "../../driver/handle.ts";
import { follow, parseAddress, redact, sameOrigin } from "./address.ts";
import { download, upload } from "./presigned.ts";
import { call, chunks, get, put, text } from "./presigned_testing.ts";
import { serve } from "./testing.ts";

Deno.test("parseAddress() keeps path and query as they are written", () => {
  assert.deepEqual(parseAddress("https://a.example/x%40y/../z%2e?q=%2F#part"), {
    secure: true,
    host: "a.example",
    port: 443,
    target: "/x%40y/../z%2e?q=%2F",
  });
  assert.deepEqual(parseAddress("http://me:p%40ss@[::1]:8080?x"), {
    secure: false,
    host: "::1",
    port: 8080,
    target: "/?x",
    user: "me:p@ss",
  });
  for (const wrong of ["", "ftp://a/b", "http://", "/etc/passwd", "http://a:b/c?secret"]) {
    assert.throws(() => parseAddress(wrong), (error: Error) => {
      assert.match(error.message, /expected http:\/\/… or https:\/\/…/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
});

Deno.test("redact() removes user, query and fragment of an address", () => {
  assert.equal(redact("https://me:pw@a.example/x?sig=1#f"), "https://a.example/x?[REDACTED]");
  assert.equal(redact("http://a.example/x"), "http://a.example/x");
});

Deno.test("follow() keeps an absolute location unchanged, and resolves a relative one", () => {
  assert.equal(follow("http://a/b/c?d", "http://x/%7e?y"), "http://x/%7e?y");
  assert.equal(follow("http://a/b/c?d", "e?f"), "http://a/b/e?f");
  assert.ok(sameOrigin("http://A.example/x", "http://a.example:80/y"));
  assert.ok(!sameOrigin("http://a.example/x", "https://a.example/x"));
  assert.ok(!sameOrigin("http://a.example/x", "http://a.example:81/x"));
});

Deno.test("download() sends path, query and headers unchanged, and returns the size", async () => {
  await using site = await serve((_request, response) => {
    response.setHeader("content-length", 5);
    response.end("image");
  });
  using resources = call();
  const target = "/a%40b/../c%2e/d|e?X-Sig=%2F'+=";
  const source = await resources.read(get(site.url + target, { "X-Amz-Date": "now" }));
  assert.equal(source.size, 5);
  assert.equal(await text(source), "image");
  const [request] = site.requests;
  assert.equal(request!.url, target);
  assert.equal(request!.headers["x-amz-date"], "now");
  assert.equal(request!.headers["accept-encoding"], "identity");
});

Deno.test("download() follows redirects, and sends secrets only to their origin", async () => {
  await using other = await serve((_request, response) => response.end("image"));
  await using site = await serve((request, response) => {
    const code = Number(request.url!.slice(1));
    const next = code === 301 ? `${other.url}/x%40y?z` : `/${code === 307 ? 302 : 301}`;
    response.writeHead(code, { location: next }).end("moved");
  });
  const headers = { authorization: "t", "X-Goog-A": "b", "X-Ms-C": "d", cookie: "e", range: "f" };
  using resources = call();
  assert.equal(await text(await resources.read(get(`${site.url}/307`, headers))), "image");
  assert.equal(site.requests.length, 3);
  assert.ok(site.requests.every(({ headers }) => headers.authorization === "t"));
  const [last] = other.requests;
  assert.equal(last!.url, "/x%40y?z");
  const { authorization, cookie, range } = last!.headers;
  assert.deepEqual({ authorization, cookie, range }, {
    authorization: undefined,
    cookie: undefined,
    range: "f",
  });
  assert.equal(last!.headers["x-goog-a"] ?? last!.headers["x-ms-c"], undefined);
});

Deno.test("download() sends only known harmless headers to another origin", async () => {
  await using other = await serve((_request, response) => response.end("image"));
  await using site = await serve((_request, response) => {
    response.writeHead(302, { location: other.url }).end();
  });
  const secrets = [
    "X-Api-Key",
    "private-token",
    "x-auth-token",
    "Cookie2",
    "apikey",
    "x-jfrog-art-api",
  ];
  const harmless = { accept: "a/b", range: "bytes=1-", "User-Agent": "flasher", "if-match": "e" };
  const headers = { ...harmless, ...Object.fromEntries(secrets.map((name) => [name, "secret"])) };
  using resources = call();
  await text(await resources.read(get(site.url, { ...headers, Host: "first.example" })));
  assert.equal(site.requests[0]!.headers["x-api-key"], "secret");
  const { rawHeaders } = other.requests[0]!;
  assert.ok(!rawHeaders.includes("secret"), rawHeaders.join(" "));
  const { host, accept, range, "user-agent": agent, "if-match": match } =
    other.requests[0]!.headers;
  assert.equal(host, new URL(other.url).host);
  assert.deepEqual([accept, range, agent, match], ["a/b", "bytes=1-", "flasher", "e"]);
});

Deno.test("download() refuses a redirect to an invalid or very long address", async () => {
  let location = "";
  await using site = await serve((_request, response) => {
    response.writeHead(302, { location }).end();
  });
  const refusals: [string, RegExp][] = [
    [
      "file:///etc/passwd?secret",
      /expected a redirect to http:.*, found one to file:\/\/\/etc\/passwd\?/,
    ],
    ["unix:/run/docker.sock", /found one to unix:/],
    ["http://[::1", /found one to http:/],
    ["http://a:99999/", /found one to http:/],
    ["http://a b/c", /found one to http:/],
    [`/${"a".repeat(1 << 20)}`, /Header overflow/],
  ];
  using resources = call();
  for (const [where, reason] of refusals) {
    location = where;
    await assert.rejects(resources.read(get(`${site.url}/x?sig`)), (error: Error) => {
      assert.match(error.message, /^Cannot download http:\/\/127[^?]*\/x\?\[REDACTED\]: /);
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
  location = "/";
  await assert.rejects(resources.write(put(site.url), chunks("image")), /found status 302/);
  assert.equal(site.requests.length, refusals.length + 1);
});

Deno.test("download() refuses a request that cannot be sent, without showing header values", async () => {
  using resources = call();
  const refused = (handle: PresignedHandle, reason: RegExp) =>
    assert.rejects(resources.read(handle), (error: Error) => {
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  await refused(
    get("http://a/x", { "x-key": "secret\r\nx: y" }),
    /^Cannot download http:\/\/a\/x: .*x-key/,
  );
  await refused(get("http://a/x", { "bad name": "secret" }), /^Cannot download http:.*bad name/);
  await refused(get("http://a:99999/x?secret"), /expected http/);
  await refused(get("http://a/x\r\nhost: b?secret"), /percent-encoded/);
  assert.equal(parseAddress("http://a%zz@b/").user, "a%zz");
});

Deno.test("download() limits the number of redirects, and refuses one without a location", async () => {
  await using site = await serve((request, response) => {
    if (request.url === "/nowhere") response.writeHead(302).end();
    else response.writeHead(302, { location: "/again?secret" }).end();
  });
  using resources = call();
  await assert.rejects(resources.read(get(`${site.url}/?secret`)), {
    message:
      `Cannot download ${site.url}/?[REDACTED]: Too many redirects: expected at most 10, found more`,
  });
  assert.equal(site.requests.length, 11);
  await assert.rejects(resources.read(get(`${site.url}/nowhere`)), {
    message:
      `Cannot download ${site.url}/nowhere: expected an address, found status 302 missing Location header`,
  });
});

Deno.test("download() and upload() report an error status without the query", async () => {
  await using site = await serve((request, response) => {
    request.resume();
    response.writeHead(403, "Request has expired").end("<xml>");
  });
  using resources = call();
  const message = (verb: string) =>
    `Cannot ${verb} ${site.url}/img?[REDACTED]: ` +
    "expected a success, found status 403 Request has expired";
  await assert.rejects(resources.read(get(`${site.url}/img?sig=1`)), {
    code: 2,
    message: message("download"),
  });
  await assert.rejects(resources.write(put(`${site.url}/img?sig=1`), chunks("image")), {
    code: 2,
    message: message("upload to"),
  });
});

Deno.test("download() names the address if the connection, the name or the response fails", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nimg"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  using resources = call();
  const source = await resources.read(get(`http://127.0.0.1:${port}/x?s`));
  await assert.rejects(text(source), {
    message: /^Cannot download http:\/\/127\.0\.0\.1:\d+\/x\?\[REDACTED\] after 3 bytes: /,
  });
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(resources.read(get(`http://127.0.0.1:${port}/x?s`)), {
    code: 2,
    message: /^Cannot download http:\/\/127\.0\.0\.1:\d+\/x\?\[REDACTED\]: .*refused/i,
  });
  await assert.rejects(resources.read(get("http://nowhere.invalid/x?s")), {
    message: /^Cannot download http:\/\/nowhere\.invalid\/x\?\[REDACTED\]: /,
  });
});

Deno.test("download() and upload() limit the time of silence and of the whole transfer", async () => {
  await using site = await serve((request, response) => {
    if (request.url !== "/begun") return;
    response.write("image");
  });
  const { signal } = new AbortController();
  await assert.rejects(download(get(site.url), { signal, silenceMs: 20 }), (error: Error) => {
    assert.ok(error instanceof Timeout);
    assert.match(error.message, /^Cannot download http:.*: nothing was heard for 0\.02 s$/);
    return true;
  });
  const begun = await download(get(`${site.url}/begun`), { signal, silenceMs: 1_000 });
  await assert.rejects(text(begun), /after [05] bytes: nothing was heard for 1 s/);
  const tooLong = () => new Timeout("the transfer took longer than 0.02 s");
  using deadline = new Deadline({ ms: 20, signal, late: tooLong });
  await assert.rejects(download(get(site.url), deadline), {
    name: "Timeout",
    message: "the transfer took longer than 0.02 s",
  });
  using late = new Deadline({ ms: 20, signal, late: tooLong });
  await assert.rejects(upload(put(site.url), chunks("image"), late), { name: "Timeout" });
});

Deno.test("download() ends when the call ends", async () => {
  await using site = await serve((_request, response) => void response.write("image"));
  const leaving = new AbortController();
  using resources = new CallResources(new ClientStreams(), [], leaving.signal, { warning() {} });
  const source = await resources.read(get(site.url));
  const reading = text(source);
  leaving.abort(new DOMException("the client left", "AbortError"));
  await assert.rejects(reading, { name: "AbortError" });
  const [request] = site.requests;
  if (!request!.destroyed) await new Promise((resolve) => request!.once("close", resolve));
});

Deno.test("download() closes an unread connection when the call ends", async () => {
  await using site = await serve((_request, response) => void response.write("image"));
  {
    using resources = call();
    await resources.read(get(site.url));
  }
  const { socket } = site.requests[0]!;
  if (!socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
});

Deno.test("CallResources refuses a handle with the wrong HTTP method", async () => {
  using resources = call();
  await assert.rejects(resources.read(put("http://a/b?c")), {
    code: 3,
    message: "Cannot read from http://a/b?[REDACTED]: expected a GET request, found PUT",
  });
  await assert.rejects(resources.write(get("http://a/b?c"), chunks()), { code: 3 });
});
