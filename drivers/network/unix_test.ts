import assert from "node:assert/strict";
import { ConnectionFailed } from "../../src/driver/mod.ts";
import { parseBusAddress } from "./dbus.ts";
import { open, readAll, readChunks, serve } from "./testing.ts";
import { dbusNetwork, echoNetwork, unixNetwork } from "./manifest.ts";

/** A temporary folder with one socket path in it. */
async function socketPath() {
  const dir = await Deno.makeTempDir();
  return {
    path: `${dir}/a.sock`,
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("unixNetwork carries bytes and the end both ways", async () => {
  await using place = await socketPath();
  await using _server = await serve((socket) => socket.pipe(socket), place.path);
  await using unix = await open(unixNetwork, { path: place.path });
  const stream = await unix.connect();
  stream.end("hello");
  assert.equal(Buffer.from(await readAll(stream)).toString(), "hello");
});

Deno.test("unixNetwork names the path that is missing", async () => {
  await using place = await socketPath();
  await using unix = await open(unixNetwork, { path: place.path });
  await assert.rejects(unix.connect(), (error: Error) => {
    assert.ok(error instanceof ConnectionFailed);
    assert.ok(error.message.startsWith(`Cannot connect to unix ${place.path}: `));
    assert.match(error.message, /found nothing \(ENOENT\)/);
    return true;
  });
});

Deno.test("unixNetwork has no address, like the official one", async () => {
  await using unix = await open(unixNetwork, { path: "/run/a.sock" });
  await assert.rejects(unix.address(), { name: "NoSuchMethod" });
});

Deno.test("parseBusAddress() parses unix and tcp addresses", () => {
  assert.deepEqual(parseBusAddress("unix:path=/run/a%20b,guid=00ff", "X").options, {
    path: "/run/a b",
  });
  assert.deepEqual(parseBusAddress("tcp:host=127.0.0.1,port=12", "X").options, {
    host: "127.0.0.1",
    port: 12,
  });
});

Deno.test("parseBusAddress() names the variable with an unusable address", () => {
  for (const address of ["unix", "unix:abstract=a", "tcp:host=a", "tcp:host=a,port=b", "x:y=z"]) {
    assert.throws(() => parseBusAddress(address, "DBUS_SYSTEM_BUS_ADDRESS"), {
      name: "InvalidArgument",
      message: /DBUS_SYSTEM_BUS_ADDRESS: expected unix:path=… or tcp:host=…,port=…, found "/,
    });
  }
});

Deno.test("dbusNetwork labels its report with the kind of bus", () => {
  assert.deepEqual(dbusNetwork.labels?.({ kind: "session" }), {
    "jumpstarter.dev/dbusnetwork/kind": "session",
  });
});

Deno.test("echoNetwork keeps the boundaries of chunks and echoes the end", async () => {
  await using echo = await open(echoNetwork, {});
  const stream = await echo.connect();
  const said = ["a", "", "bc", "d"].map((text) => Buffer.from(text));
  for (const chunk of said) stream.write(chunk);
  assert.deepEqual(await readChunks(stream, said.length), said);
  stream.end();
  assert.equal((await readAll(stream)).length, 0);
});

Deno.test("echoNetwork stops accepting chunks if the client does not read", async () => {
  await using echo = await open(echoNetwork, {});
  const stream = await echo.connect();
  let taken = 0;
  while (taken < 100 && stream.write("x")) taken++;
  assert.ok(taken <= 32, `${taken} chunks were taken`);
});

/** Opens a file repeatedly on a thread of its own until it is stopped. */
const OPENER = `
import { closeSync, fstatSync, openSync } from "node:fs";
onmessage = ({ data: stop }) => {
  postMessage("begun");
  while (Atomics.load(stop, 0) === 0) {
    const file = openSync("/proc/self/stat");
    for (let times = 0; times < 5; times++) fstatSync(file);
    closeSync(file);
  }
  postMessage("done");
};
postMessage("here");
`;

Deno.test("unixNetwork closes its descriptors only once, because others reuse them", async () => {
  await using place = await socketPath();
  // Not from node:net, whose server has the same bug.
  const server = Deno.listen({ transport: "unix", path: place.path });
  const served = hangUpOn(server);
  await using unix = await open(unixNetwork, { path: place.path });
  const url = URL.createObjectURL(new Blob([OPENER], { type: "text/javascript" }));
  const opener = new Worker(url, { type: "module" });
  const broken: string[] = [];
  opener.onerror = (event) => {
    event.preventDefault();
    broken.push(event.message);
  };
  const word = () => new Promise((resolve) => opener.onmessage = resolve);
  await word();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  opener.postMessage(stop);
  await word();
  for (let at = 0; at < 12_000 && broken.length === 0; at++) {
    const stream = await unix.connect();
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.destroy();
    await closed;
  }
  const ended = broken.length > 0 ? Promise.resolve() : word();
  Atomics.store(stop, 0, 1);
  // Terminating the worker within its loop would never end it.
  await ended;
  opener.terminate();
  server.close();
  await served;
  URL.revokeObjectURL(url);
  assert.deepEqual(broken, []);
});

/** Accepts connections, and closes each when its client does. */
async function hangUpOn(server: Deno.Listener): Promise<void> {
  const buffer = new Uint8Array(1);
  for await (const conn of server) {
    await conn.read(buffer).catch(() => null);
    conn.close();
  }
}
