import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Code, ConnectionFailed, DriverError, Timeout } from "../../wire/error.ts";
import { redacted } from "../../text/secrets.ts";
import { z } from "../../driver/mod.ts";
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

Deno.test("request() throws for an error status, unless the caller accepts any status", async () => {
  await using site = await serve((_request, response) => {
    response.writeHead(404, "No such relay").end("<html>");
  });
  await assert.rejects(http.request("GET", `${site.url}/x?key=secret`), (error) => {
    assert.ok(error instanceof http.StatusError && error instanceof DriverError);
    assert.equal(error.status, 404);
    assert.equal(error.code, Code.INTERNAL);
    assert.equal(
      error.message,
      `Cannot GET ${site.url}/x?[REDACTED]: expected a success, found status 404 No such relay`,
    );
    return true;
  });
  const answer = await http.request("GET", site.url, { anyStatus: true });
  assert.deepEqual([answer.status, answer.text()], [404, "<html>"]);
  assert.throws(() => answer.json(), /^DriverError: Cannot GET .*: expected JSON in the answer: /);
});

/** What a message shows of the body of an answer with the status 500. */
async function shownOf(
  type: string,
  body: string | ((asked: string) => string),
  options: http.RequestOptions = {},
): Promise<string> {
  await using site = await serve((request, response) => {
    response.writeHead(500, "Broken", { "content-type": type });
    response.end(typeof body === "string" ? body : body(request.url!));
  });
  const error = await http.request("GET", site.url, options).then(() => assert.fail(), (e) => e);
  const [, shown] = /: expected a success, found status 500 Broken(.*)$/s.exec(error.message)!;
  const added = `${error.message}; correct 'password'`;
  assert.ok(redacted(added).endsWith("; correct 'password'"), redacted(added));
  return shown!;
}

Deno.test("request() shows the beginning of a text body in the error for a status, and no other body", async () => {
  assert.equal(
    await shownOf("text/plain; charset=utf-8", "no such\r\nrelay\x1b "),
    ': "no such relay\\x1b"',
  );
  assert.equal(await shownOf("application/json", '{"code":-103}'), ': "{"code":-103}"');
  assert.equal(await shownOf("application/problem+json", "{}"), ': "{}"');
  assert.equal(await shownOf("text/plain", "x".repeat(1 << 22)), `: "${"x".repeat(200)}…"`);
  for (const type of ["text/html", "image/png", ""]) assert.equal(await shownOf(type, "body"), "");
});

Deno.test("request() hides secrets of the request that the body repeats in the error for a status", async () => {
  const password = "p&ss wörd";
  const hidden = ': "no access for /?id=1&password=[REDACTED] ([REDACTED])"';
  const echo = (asked: string) => `no access for ${asked} (${password})`;
  assert.equal(await shownOf("text/plain", echo, { query: { id: 1, password } }), hidden);
  assert.equal(
    await shownOf("text/plain", `not ${password}`, { auth: { user: "me", password } }),
    ': "not [REDACTED]"',
  );
});

Deno.test("request() appends a percent-encoded query, and does not show it in messages", async () => {
  await using site = await serve((request, response) => {
    if (request.url!.startsWith("/silent")) return;
    if (request.url!.startsWith("/page")) response.end("<html>");
    else echo(request, response);
  });
  const urlOf = async (address: string, query: http.RequestOptions["query"]) => {
    const answer = await http.request("GET", site.url + address, { query: query! });
    return (answer.json() as { url: string }).url;
  };
  const query = { cmnd: "Power On", user: undefined, on: true, id: 0, "ä&": "+'=#ü" };
  assert.equal(
    await urlOf("/cm", query),
    "/cm?cmnd=Power%20On&on=true&id=0&%C3%A4%26=%2B'%3D%23%C3%BC",
  );
  assert.equal(await urlOf("/cm?a=b#c", { d: "e" }), "/cm?a=b&d=e");
  assert.equal(await urlOf("/cm#c", {}), "/cm");
  const secret = { query: { key: "geheim" } };
  const answer = await http.request("GET", `${site.url}/page`, secret);
  for (const fail of [() => answer.json(), () => answer.json(z.string())]) {
    assert.throws(fail, (error: Error) => !error.message.includes("geheim"));
  }
  const late = http.request("GET", `${site.url}/silent`, { ...secret, timeoutMs: 100 });
  await assert.rejects(late, {
    name: "Timeout",
    message: /^Cannot GET .*\/silent\?\[REDACTED\]: /,
  });
});

Deno.test("json() validates the response with a schema, and names what does not match", async () => {
  await using site = await serve((_request, response) => {
    response.end(JSON.stringify({ voltage: 230, meter: { token: 5, power: "none" } }));
  });
  const answer = await http.request("GET", `${site.url}/status?key=1`);
  const { voltage } = answer.json(z.object({ voltage: z.number() }));
  assert.equal(voltage, 230);
  const wrong = z.object({
    current: z.number(),
    meter: z.object({ token: z.string(), power: z.number() }),
  });
  assert.throws(() => answer.json(wrong), {
    name: "DriverError",
    message: `Cannot GET ${site.url}/status?[REDACTED]: unexpected answer: ` +
      "'current': expected a number, found nothing; " +
      "'meter.token': expected text, found a number; " +
      `'meter.power': expected a number, found the text "none"`,
  });
});

Deno.test("request() limits the total time, for silence as well as a slow body", async () => {
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

Deno.test("request() fails with the reason of its signal when that aborts", async () => {
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

Deno.test("request() refuses a response that is too long, also after decompression", async () => {
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

Deno.test("request() trusts the given certificates, else those of the host", async () => {
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

/** A port where each connection gets `answer`, once it has sent something. */
async function listener(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

/** Asserts that a request fails as one whose connection broke. */
async function assertBroken(url: string, message: RegExp): Promise<void> {
  await assert.rejects(http.request("GET", url), (error) => {
    assert.ok(error instanceof ConnectionFailed, String(error));
    assert.equal(error.code, Code.UNAVAILABLE);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("request() names the address if it is unreachable or invalid", async () => {
  const site = await serve(() => {});
  await site[Symbol.asyncDispose]();
  await assertBroken(
    `${site.url}/on`,
    /^Cannot GET http:\/\/127\.0\.0\.1:\d+\/on: .*refused.*; check that the device is on/i,
  );
  await assert.rejects(http.request("GET", "relay.local/on"), { name: "InvalidArgument" });
});

Deno.test("request() explains a broken connection, with a remedy", async () => {
  await assertBroken("http://relay.invalid/on?key=1", /relay\.invalid; correct the host name/);
  await using resets = await listener((socket) => socket.resetAndDestroy());
  await assertBroken(resets.url, /ECONNRESET; the other end closed the connection; try again/);
  await using stops = await listener((socket) => {
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\non");
  });
  await assertBroken(stops.url, / after 2 bytes: .*; the other end closed/);
  await using other = await listener((socket) => socket.end("SSH-2.0\r\n\r\n"));
  await assert.rejects(http.request("GET", other.url), { name: "DriverError", code: Code.UNKNOWN });
});
