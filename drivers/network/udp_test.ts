import assert from "node:assert/strict";
import { createSocket, type RemoteInfo } from "node:dgram";
import { ConnectionFailed } from "../../src/driver/mod.ts";
import { open, readChunks } from "./testing.ts";
import { udpNetwork } from "./manifest.ts";

/** A UDP socket on loopback, whose answers come from `onDatagram`. */
async function serveUdp(
  onDatagram: (datagram: Uint8Array, reply: (data: Uint8Array) => void, from: RemoteInfo) => void,
) {
  const socket = createSocket("udp4");
  socket.on(
    "message",
    (datagram, from) =>
      onDatagram(datagram, (data) => socket.send(data, from.port, from.address), from),
  );
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void socket.close(() => resolve())),
  };
}

Deno.test("udpNetwork keeps the boundaries of datagrams, even of empty ones", async () => {
  await using server = await serveUdp((datagram, reply) => reply(datagram));
  await using udp = await open(udpNetwork, { host: "localhost", port: server.port });
  const stream = await udp.connect();
  const lengths = [3, 0, 1, 60_000, 2];
  for (const length of lengths) {
    stream.write(new Uint8Array(length));
    const [answer] = await readChunks(stream, 1);
    assert.equal(answer?.length, length);
  }
  assert.equal(stream.destroyed, false);
});

Deno.test("udpNetwork sends datagrams in the order of the writes", async () => {
  const heard: number[] = [];
  const done = Promise.withResolvers<void>();
  await using server = await serveUdp((datagram) => {
    if (heard.push(datagram[0]!) === 20) done.resolve();
  });
  await using udp = await open(udpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await udp.connect();
  for (let i = 0; i < 20; i++) stream.write(Uint8Array.of(i));
  await done.promise;
  assert.deepEqual(heard, Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("udpNetwork ignores datagrams of other senders", async () => {
  await using server = await serveUdp((_, reply, from) => {
    const stranger = createSocket("udp4");
    stranger.send("stranger", from.port, "127.0.0.1", () => {
      stranger.close();
      reply(Buffer.from("friend"));
    });
  });
  await using udp = await open(udpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await udp.connect();
  stream.write("hello");
  const [answer] = await readChunks(stream, 1);
  assert.equal(Buffer.from(answer!).toString(), "friend");
});

Deno.test("udpNetwork survives a datagram that is too long", async () => {
  await using server = await serveUdp((datagram, reply) => reply(datagram));
  await using udp = await open(udpNetwork, { host: "127.0.0.1", port: server.port });
  const stream = await udp.connect();
  stream.write(new Uint8Array(70_000));
  stream.write("short");
  const [answer] = await readChunks(stream, 1);
  assert.equal(Buffer.from(answer!).toString(), "short");
});

Deno.test("udpNetwork reports an unknown host name", async () => {
  await using udp = await open(udpNetwork, { host: "board.invalid", port: 69 });
  await assert.rejects(udp.connect(), (error: Error) => {
    assert.ok(error instanceof ConnectionFailed);
    assert.match(error.message, /udp board\.invalid:69: the host name cannot be resolved \(E/);
    return true;
  });
});

Deno.test("udpNetwork reports the address", async () => {
  await using udp = await open(udpNetwork, { host: "localhost", port: 69 });
  assert.equal(await udp.address(), "udp://127.0.0.1:69");
});
