import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ConnectionFailed } from "../../src/driver/mod.ts";
import { deadPort, open, readAll, readChunks } from "./testing.ts";
import { websocketNetwork } from "./manifest.ts";
import { proxies, selfSigned, serve, serveProxy } from "../../src/hardware/http/testing.ts";

/** A WebSocket server on loopback; `onMessage` answers through the socket. */
function serveWebSocket(
  onMessage: (data: string | ArrayBuffer, socket: WebSocket) => void,
  onClose: () => void = () => {},
) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (new URL(request.url).pathname !== "/ws") return new Response("no", { status: 404 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => onMessage(data, socket);
    socket.onclose = onClose;
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}/ws`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("websocketNetwork sends binary messages and reads both kinds", async () => {
  const kinds: string[] = [];
  await using server = serveWebSocket((data, socket) => {
    kinds.push(typeof data);
    socket.send(data);
    socket.send("text");
  });
  await using websocket = await open(websocketNetwork, { url: server.url });
  const stream = await websocket.connect();
  stream.write("abc");
  const said = await readChunks(stream, 2);
  assert.deepEqual(said.map((chunk) => Buffer.from(chunk).toString()), ["abc", "text"]);
  assert.deepEqual(kinds, ["object"]);
});

Deno.test("websocketNetwork echoes 8 MiB unchanged", async () => {
  await using server = serveWebSocket((data, socket) => socket.send(data));
  await using websocket = await open(websocketNetwork, { url: server.url });
  const stream = await websocket.connect();
  const sent = randomBytes(8 << 20);
  for (let at = 0; at < sent.length; at += 65_536) stream.write(sent.subarray(at, at + 65_536));
  const echoed = Buffer.concat(await readChunks(stream, sent.length / 65_536));
  assert.equal(Buffer.compare(echoed, sent), 0);
});

Deno.test("websocketNetwork reads no further than the client does", async () => {
  const total = 500;
  await using server = serveWebSocket((_, socket) => {
    for (let i = 0; i < total; i++) socket.send(new Uint8Array(65_536));
  });
  await using websocket = await open(websocketNetwork, { url: server.url });
  const stream = await websocket.connect();
  stream.write("go");
  await readChunks(stream, 1);
  assert.ok(stream.readableLength <= 17, `${stream.readableLength} messages were read ahead`);
  assert.equal((await readChunks(stream, total - 1)).length, total - 1);
});

Deno.test("websocketNetwork ends its reads when the server closes", async () => {
  await using server = serveWebSocket((data, socket) => {
    socket.send(data);
    socket.close(1000);
  });
  await using websocket = await open(websocketNetwork, { url: server.url });
  const stream = await websocket.connect();
  stream.write("bye");
  assert.equal(Buffer.from(await readAll(stream)).toString(), "bye");
});

Deno.test("websocketNetwork closes the connection when the client leaves", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = serveWebSocket(() => {}, closed.resolve);
  await using websocket = await open(websocketNetwork, { url: server.url });
  (await websocket.connect()).destroy();
  await closed.promise;
});

Deno.test("websocketNetwork reports why it cannot connect, without secrets", async () => {
  await using server = serveWebSocket(() => {});
  const cases = [
    [`ws://127.0.0.1:${await deadPort()}/?token=secret`, /refused \(ECONNREFUSED\)/],
    ["ws://board.invalid/", /the host name cannot be resolved \(E/],
    [`${server.url}/elsewhere?token=secret`, /404/],
  ] as const;
  for (const [url, reason] of cases) {
    await using websocket = await open(websocketNetwork, { url });
    await assert.rejects(websocket.connect(), (error: Error) => {
      assert.ok(error instanceof ConnectionFailed);
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
});

Deno.test("websocketNetwork reports its URL as written and requires ws or wss", async () => {
  await using websocket = await open(websocketNetwork, { url: "wss://EXAMPLE.org/a?b" });
  assert.equal(await websocket.address(), "wss://EXAMPLE.org/a?b");
  assert.equal(websocketNetwork.config.safeParse({ url: "http://a" }).success, false);
});

Deno.test("websocketNetwork goes through the proxy that the environment names, as the official one", async () => {
  await using server = serveWebSocket((data, socket) => socket.send(data));
  await using proxy = await serveProxy(() => {});
  const url = server.url.replace("127.0.0.1", "board.invalid");
  await using websocket = await open(websocketNetwork, { url });
  {
    using _env = proxies({ https_proxy: proxy.url.replace("//", "//me:pw@") });
    const stream = await websocket.connect();
    stream.write("abc");
    assert.equal(String((await readChunks(stream, 1))[0]), "abc");
    const [{ url: authority, headers } = {}] = proxy.requests as IncomingMessage[];
    assert.equal(authority, new URL(url).host);
    assert.equal(headers?.["proxy-authorization"], `Basic ${btoa("me:pw")}`);
    stream.destroy();
  }
  await using secure = await serve(() => {}, await selfSigned());
  await using guarded = await open(websocketNetwork, { url: secure.url.replace("https", "wss") });
  {
    using _env = proxies({ https_proxy: proxy.url });
    await assert.rejects(guarded.connect(), /certificate|issuer/i);
    assert.equal(proxy.requests.at(-1)!.url, new URL(secure.url).host);
  }
  await using refusing = await serveProxy(() => {}, () => false);
  using _env = proxies({ http_proxy: refusing.url });
  await assert.rejects(websocket.connect(), {
    name: "ConnectionFailed",
    message:
      `Cannot connect to ${url}: the proxy ${refusing.url.slice(7)} (http_proxy) refused to ` +
      `connect to ${new URL(url).host}: 403 Forbidden; allow CONNECT to ${new URL(url).host} in ` +
      "the proxy, or name board.invalid in no_proxy to connect to it directly",
  });
});
