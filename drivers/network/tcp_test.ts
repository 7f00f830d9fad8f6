import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { ConnectionFailed, InvalidArgument } from "../../src/driver/mod.ts";
import { tcpNetwork } from "./manifest.ts";
import { deadPort, open, readAll, readChunks, serve } from "./testing.ts";

Deno.test("tcpNetwork echoes 8 MiB unchanged", async () => {
  await using server = await serve((socket) => socket.pipe(socket));
  await using tcp = await open(tcpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await tcp.connect();
  const sent = randomBytes(8 << 20);
  stream.end(sent);
  assert.deepEqual(Buffer.compare(await readAll(stream), sent), 0);
});

Deno.test("tcpNetwork forwards the client's end and still reads the answer", async () => {
  await using server = await serve(async (socket) => {
    const question = await readAll(socket.iterator({ destroyOnReturn: false }));
    socket.end(`answer to ${Buffer.from(question)}`);
  });
  await using tcp = await open(tcpNetwork, { host: "localhost", port: server.port });
  const stream = await tcp.connect();
  stream.end("question");
  assert.equal(Buffer.from(await readAll(stream)).toString(), "answer to question");
});

Deno.test("tcpNetwork still writes after the server's end", async () => {
  const heard = Promise.withResolvers<Uint8Array>();
  await using server = await serve((socket) => {
    socket.end("banner");
    readAll(socket.iterator({ destroyOnReturn: false })).then(heard.resolve, heard.reject);
  });
  await using tcp = await open(tcpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await tcp.connect();
  assert.equal(
    Buffer.from(await readAll(stream.iterator({ destroyOnReturn: false }))).toString(),
    "banner",
  );
  stream.end("late words");
  assert.equal(Buffer.from(await heard.promise).toString(), "late words");
});

Deno.test("tcpNetwork closes its connection when the client leaves", async () => {
  const gone = Promise.withResolvers<void>();
  await using server = await serve((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => gone.resolve());
    socket.on("end", () => socket.end());
    socket.resume();
  });
  await using tcp = await open(tcpNetwork, { host: "127.0.0.1", port: server.port });
  (await tcp.connect()).destroy();
  await gone.promise;
});

Deno.test("tcpNetwork closes open streams when the lease ends", async () => {
  await using server = await serve((socket) => void socket.write("hello"));
  const tcp = await open(tcpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await tcp.connect();
  await readChunks(stream, 1);
  await tcp[Symbol.asyncDispose]();
  assert.equal(stream.destroyed, true);
});

Deno.test("tcpNetwork names the endpoint that refused", async () => {
  const port = await deadPort();
  await using tcp = await open(tcpNetwork, { host: "127.0.0.1", port });
  await assert.rejects(tcp.connect(), (error: Error) => {
    assert.ok(error instanceof ConnectionFailed);
    assert.match(error.message, new RegExp(`^Cannot connect to tcp 127.0.0.1:${port}: `));
    assert.match(error.message, /refused \(ECONNREFUSED\)/);
    return true;
  });
});

Deno.test("tcpNetwork reports an unknown host name", async () => {
  await using tcp = await open(tcpNetwork, { host: "board.invalid", port: 22 });
  await assert.rejects(tcp.connect(), (error: Error) => {
    assert.ok(error instanceof ConnectionFailed);
    assert.match(error.message, /tcp board\.invalid:22: the host name cannot be resolved \(E/);
    return true;
  });
});

Deno.test("tcpNetwork stops connecting when the client leaves", async () => {
  await using tcp = await open(tcpNetwork, { host: "127.0.0.1", port: 1 });
  await assert.rejects(tcp.connect(AbortSignal.abort()), { name: "AbortError" });
});

Deno.test("tcpNetwork reports the address with the host resolved", async () => {
  const cases = [
    ["localhost", "tcp://127.0.0.1:22"],
    ["10.1.2.3", "tcp://10.1.2.3:22"],
    ["::1", "tcp://[::1]:22"],
    ["board.invalid", "tcp://board.invalid:22"],
  ] as const;
  for (const [host, address] of cases) {
    await using tcp = await open(tcpNetwork, { host, port: 22 });
    assert.equal(await tcp.address(), address);
  }
});

Deno.test("tcpNetwork does not report the address if the config forbids it", async () => {
  await using tcp = await open(tcpNetwork, { host: "::1", port: 22, enable_address: false });
  await assert.rejects(tcp.address(), (error: Error) => {
    assert.ok(error instanceof InvalidArgument);
    assert.match(error.message, /enable_address mode is not true in the exporter configuration/);
    return true;
  });
});

Deno.test("tcpNetwork accepts a quoted port and refuses invalid ones", () => {
  const parse = (port: unknown) => tcpNetwork.config.safeParse({ host: "a", port });
  assert.equal(parse("8080").data.port, 8080);
  for (const port of [0, 65_536, 1.5, "ssh", null]) assert.equal(parse(port).success, false);
});
