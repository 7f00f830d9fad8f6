/** Forwards with real sockets, to drivers of a real session. */
import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { until } from "../../tests/until.ts";
import { ConnStream } from "../base/conn_stream.ts";
import { ConnectionFailed, type Methods } from "../driver/mod.ts";
import { testFolder } from "../files/testing.ts";
import { serveDrivers } from "../session/testing.ts";
import { type Forward, type ForwardOptions, forwardTcp, forwardUnix } from "./forward.ts";

/** What a driver connects to. */
type Device = () => Duplex | Promise<Duplex>;

/** A driver whose stream `connect` is what `device` returns. */
function driverOf(device: Device): Record<string, Methods> {
  return { net: { bytes: { connect: () => device() } } };
}

async function dialTcp(hostname: string, port: number): Promise<Duplex> {
  return new ConnStream(await Deno.connect({ hostname, port }));
}

async function dial({ address }: Forward): Promise<Duplex> {
  if (address.startsWith("/")) {
    return new ConnStream(await Deno.connect({ transport: "unix", path: address }));
  }
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address)!;
  return await dialTcp(host!, Number(port));
}

/** Reads a stream to its end, and leaves its other direction open. */
async function heard(stream: Duplex): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** A device that says `lines`. */
function device(...lines: string[]): Duplex {
  return Duplex.from(lines.map((line) => new TextEncoder().encode(line)));
}

/** A TCP server for this test. */
async function listen(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    onSocket(socket.on("error", () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    sockets,
    dial: () => dialTcp("127.0.0.1", port),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs `use` with a session whose driver is `device`, and how a forward opens it. */
async function withDriver(
  device: Device,
  use: (options: ForwardOptions, warnings: string[]) => Promise<void>,
): Promise<void> {
  await using served = await serveDrivers(driverOf(device));
  const warnings: string[] = [];
  const open = (signal: AbortSignal) =>
    served.client.bytes(served.uuid("net"), "connect", { signal });
  await use({ open, warn: (line) => void warnings.push(line) }, warnings);
}

Deno.test("forwardTcp() carries many connections at once, on all addresses of localhost", async () => {
  await using server = await listen((socket) => socket.pipe(socket));
  await withDriver(server.dial, async (options, warnings) => {
    await using forward = await forwardTcp({ host: "localhost", port: 0 }, options);
    assert.match(forward.address, /^127\.0\.0\.1:\d+$/);
    const port = Number(forward.address.split(":")[1]);
    const hosts = (await lookup("localhost", { all: true })).map(({ address }) => address);
    await Promise.all(Array.from({ length: 50 }, async (_, index) => {
      const socket = await dialTcp(hosts[index % hosts.length]!, port);
      const sent = new Uint8Array(100_000).fill(index);
      socket.end(sent);
      assert.ok((await buffer(socket)).equals(sent));
    }));
    assert.equal(server.sockets.size, 50);
    assert.deepEqual(warnings, []);
  });
});

Deno.test("forwardTcp() passes on the end of each direction alone", async () => {
  // Answers once the client has ended its side, as `ssh host cat` does.
  await using late = await listen(async (socket) => socket.end(`heard ${await heard(socket)}`));
  await withDriver(late.dial, async (options) => {
    await using forward = await forwardTcp({ host: "::1", port: 0 }, options);
    assert.match(forward.address, /^\[::1\]:\d+$/);
    const socket = await dial(forward);
    socket.end("all");
    assert.equal(await text(socket), "heard all");
  });
  const answer = Promise.withResolvers<string>();
  await using early = await listen((socket) => {
    socket.end("bye");
    answer.resolve(heard(socket));
  });
  await withDriver(early.dial, async (options) => {
    await using forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    const socket = await dial(forward);
    assert.equal(await heard(socket), "bye");
    socket.end("still here");
    assert.equal(await answer.promise, "still here");
  });
});

Deno.test("forwardTcp() tells why a connection failed, and others go on", async () => {
  let fails = true;
  const ssh = () => {
    if (fails) throw new ConnectionFailed("nobody listens on port 22");
    return device("hello");
  };
  await withDriver(ssh, async (options, warnings) => {
    await using forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    assert.equal(await text(await dial(forward)), "");
    await until(() => warnings.length > 0);
    assert.deepEqual(warnings, ["A connection ended: nobody listens on port 22"]);
    fails = false;
    assert.equal(await text(await dial(forward)), "hello");
    assert.equal(warnings.length, 1);
  });
});

Deno.test("a program that leaves ends its stream only, without a warning", async () => {
  await using server = await listen((socket) => socket.resume());
  await withDriver(server.dial, async (options, warnings) => {
    await using forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    const [one, other] = [await dial(forward), await dial(forward)];
    await until(() => server.sockets.size === 2);
    one.destroy();
    await until(() => [...server.sockets].filter((socket) => socket.readableEnded).length === 1);
    other.write("x");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal([...server.sockets].filter((socket) => socket.readableEnded).length, 1);
    assert.deepEqual(warnings, []);
    other.destroy();
  });
});

Deno.test("a program that goes on sending to a device that has left is disconnected", async () => {
  await using server = await listen((socket) => socket.once("data", () => socket.destroy()));
  await withDriver(server.dial, async (options) => {
    await using forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    const socket = (await dial(forward)).resume();
    const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
    const timer = setInterval(() => socket.writable && socket.write("more"), 20);
    await closed;
    clearInterval(timer);
  });
});

Deno.test("a program that reads nothing holds the device back", async () => {
  const chunk = new Uint8Array(64 * 1024);
  let sent = 0;
  const endless = () =>
    Duplex.from(async function* () {
      for (;;) {
        sent += chunk.length;
        yield chunk;
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
  await withDriver(endless, async (options) => {
    await using forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    const socket = await dial(forward);
    let before = -1;
    await until(async () => {
      if (sent === before) return true;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return false;
    });
    assert.ok(sent < 64 << 20, `${sent} bytes were sent`);
    socket.destroy();
  });
});

Deno.test("forwardUnix() makes a socket for its user, replaces a dead one, and removes it", async () => {
  await using folder = await testFolder();
  const dir = folder.path;
  const path = `${dir}/forward`;
  // Nobody listens on this one any more.
  Deno.listen({ transport: "unix", path }).close();
  await withDriver(() => device("hello"), async (options) => {
    {
      await using forward = await forwardUnix(path, options);
      assert.equal(forward.address, path);
      assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o600);
      assert.equal(await text(await dial(forward)), "hello");
      await assert.rejects(forwardUnix(path, options), {
        message: `Cannot listen on ${path}: another process serves it`,
      });
    }
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    await using forward = await forwardUnix(undefined, options);
    assert.match(forward.address, /\/jumpstarter-[^/]+\/socket$/);
    assert.equal(await text(await dial(forward)), "hello");
    await forward[Symbol.asyncDispose]();
    await assert.rejects(
      Deno.lstat(forward.address.replace(/\/socket$/, "")),
      Deno.errors.NotFound,
    );
  });
});

Deno.test("forwardUnix() leaves a socket alone that has taken the place of its own", async () => {
  await using folder = await testFolder();
  const dir = folder.path;
  const path = `${dir}/forward`;
  await withDriver(() => device(), async (options) => {
    await using _forward = await forwardUnix(path, options);
    await Deno.remove(path);
    await Deno.writeTextFile(path, "of others");
  });
  assert.equal(await Deno.readTextFile(path), "of others");
});

Deno.test("forwards say in one line why they cannot listen", async () => {
  await using folder = await testFolder();
  const dir = folder.path;
  await Deno.writeTextFile(`${dir}/file`, "");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const options = { open: () => Promise.reject(new Error("unused")), warn: () => {} };
  const { port } = taken.addr;
  const refusals: [() => Promise<unknown>, RegExp][] = [
    [
      () => forwardTcp({ host: "127.0.0.1", port }, options),
      /^Cannot listen on 127\.0\.0\.1:\d+: another program listens there$/,
    ],
    [
      () => forwardTcp({ host: "8.8.8.8", port: 0 }, options),
      /^Cannot listen on 8\.8\.8\.8:0: this host does not have the address$/,
    ],
    [() => forwardTcp({ host: "nope.invalid", port: 0 }, options), /nope\.invalid: no such host$/],
    [() => forwardTcp({ host: "", port: 0 }, options), /^Cannot listen on '': no such host$/],
    [
      () => forwardUnix(`${dir}/${"x".repeat(107)}`, options),
      /: expected at most 107 bytes in the path/,
    ],
    [
      () => forwardUnix(`${dir}/file`, options),
      /\/file: a file that is not a socket exists there$/,
    ],
    [() => forwardUnix(`${dir}/none/x`, options), /: no such file or directory \(ENOENT\)$/],
  ];
  for (const [refused, message] of refusals) await assert.rejects(refused(), { message });
});

Deno.test("disposing a forward ends its connections at both ends", async () => {
  await using server = await listen((socket) => socket.resume());
  await withDriver(server.dial, async (options, warnings) => {
    const forward = await forwardTcp({ host: "127.0.0.1", port: 0 }, options);
    const socket = await dial(forward);
    await until(() => server.sockets.size === 1);
    await forward[Symbol.asyncDispose]();
    assert.equal(await text(socket), "");
    await until(() => [...server.sockets].every((each) => each.readableEnded));
    assert.deepEqual(warnings, []);
  });
});
