/** The client with our own session, on every way to it. */
import assert from "node:assert/strict";
import { type Duplex, PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { TestRouter } from "../../tests/controller/router.ts";
import { certificates } from "../../tests/controller/tls.ts";
import { signToken } from "../../tests/controller/token.ts";
import { until } from "../../tests/until.ts";
import { DeviceError, type Methods, resourceHandle, withArgs, z } from "../driver/mod.ts";
import { serveDrivers, type ServedSession } from "../session/testing.ts";
import { Code } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import { connectSession, type SessionAddress } from "./connect.ts";
import { LocalFolder } from "../exporter/local/testing.ts";
import { dialUnix } from "../wire/net/dial.ts";
import { openRelay } from "./local/relay.ts";
import { openTunnel } from "./router_tunnel.ts";
import type { SessionClient } from "./session_client.ts";

const MEGABYTE = 1 << 20;
const encode = (text: string) => new TextEncoder().encode(text);

/** A way to a session; what it opens goes into `scope`. */
type Way = (served: ServedSession, scope: AsyncDisposableStack) => Promise<SessionAddress>;

const WAYS: Record<string, Way> = {
  unix: ({ address }) => Promise.resolve(address),

  async local({ session }, scope) {
    const folder = scope.use(new LocalFolder());
    const local = { namespace: "lab", name: "bench", file: "/bench.yaml" };
    const { path } = await folder.open({
      local,
      admit: ({ user }) => {
        const caller = { user, interferes: false, waits: true };
        return Promise.resolve({
          serve: (link) => void session.serveLocally(link, caller),
          [Symbol.dispose]() {},
        });
      },
    });
    return { kind: "local", exporter: path, force: false };
  },

  relay({ address }, scope) {
    const dial = (signal: AbortSignal) => dialUnix((address as { path: string }).path, signal);
    const { path } = scope.use(openRelay({ dial, warn: assert.fail }));
    return Promise.resolve({ kind: "unix", path });
  },

  async tcp({ session }) {
    const port = await session.listen({ hostname: "127.0.0.1", port: 0 });
    return { kind: "tcp", endpoint: `127.0.0.1:${port}` };
  },

  async tls({ session }) {
    const { caPem: ca, server: { certPem: cert, keyPem: key } } = await certificates();
    const port = await session.listen({ hostname: "127.0.0.1", port: 0, keys: { cert, key } });
    return { kind: "tls", endpoint: `127.0.0.1:${port}`, tls: { ca, insecure: false } };
  },

  async router({ session }, scope) {
    const { caPem: ca, server } = await certificates();
    const secret = new Uint8Array(32).fill(7);
    const router = new TestRouter({ pair: server, secret });
    await router.front.start();
    scope.defer(() => router.front.stop());
    const address = {
      kind: "router",
      endpoint: `127.0.0.1:${router.front.port}`,
      token: signToken(secret, "stream"),
      tls: { ca, insecure: false },
    } as const;
    const exporter = await openTunnel(address, AbortSignal.timeout(10_000));
    session.serve(exporter.link);
    scope.defer(() => exporter.released);
    return address;
  },
};

/** A power switch, a console that echoes, and a disk. */
function drivers(devices: Duplex[] = []): Record<string, Methods> {
  return {
    power: {
      calls: {
        echo: withArgs([z.unknown()], ([value]) => value),
        fail: () => {
          throw new DeviceError("the relay does not answer");
        },
        hang: (_args, { signal }) => {
          return new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          });
        },
      },
      streams: {
        async *read() {
          yield { voltage: 5, current: 0.5 };
          await Promise.resolve();
          yield { voltage: 0, current: 0 };
        },
      },
    },
    console: {
      bytes: {
        connect() {
          const device = new PassThrough();
          devices.push(device);
          return device;
        },
      },
    },
    disk: {
      calls: {
        write: withArgs([resourceHandle], async ([handle], { resources }) => {
          let length = 0;
          for await (const chunk of await resources.read(handle)) length += chunk.length;
          return length;
        }),
        read: withArgs([resourceHandle], async ([handle], { resources }) => {
          await resources.write(handle, megabytes(3));
        }),
        first: withArgs([resourceHandle], async ([handle], { resources }) => {
          for await (const _ of await resources.read(handle)) break;
          return "enough";
        }),
      },
    },
  };
}

async function* megabytes(count: number) {
  for (let index = 0; index < count; index++) yield new Uint8Array(MEGABYTE).fill(index);
}

/** Runs `use` with a client that has come by `way`. */
async function withClient(
  way: string,
  use: (client: SessionClient, served: ServedSession) => Promise<void>,
): Promise<void> {
  await using scope = new AsyncDisposableStack();
  const served = scope.use(await serveDrivers(drivers()));
  const client = scope.use(await connectSession(await WAYS[way]!(served, scope)));
  await use(client, served);
}

for (const way of Object.keys(WAYS)) {
  Deno.test(`SessionClient does everything over ${way}`, async () => {
    await withClient(way, async (client, served) => {
      const { reports, motd } = await client.report();
      assert.deepEqual([reports.length, motd], [4, "welcome"]);
      assert.equal((await client.status()).status, ExporterStatus.EXPORTER_STATUS_LEASE_READY);
      const power = served.uuid("power");
      const value = [1.5, "text", null, { key: [true] }];
      assert.deepEqual(await client.call(power, "echo", [value]), value);
      const readings = await Array.fromAsync(client.stream(power, "read"));
      assert.deepEqual(readings, [{ voltage: 5, current: 0.5 }, { voltage: 0, current: 0 }]);

      const console = await client.bytes(served.uuid("console"), "connect");
      const image = Uint8Array.from({ length: 3 * MEGABYTE }, (_, index) => index % 251);
      console.end(image);
      assert.ok((await buffer(console)).equals(image));

      using upload = await client.offer(served.uuid("disk"));
      const [sent, length] = await Promise.all([
        upload.send(megabytes(20)),
        client.call(served.uuid("disk"), "write", [upload.handle]),
      ]);
      assert.deepEqual([sent, length], [true, 20 * MEGABYTE]);

      using download = await client.offer(served.uuid("disk"));
      const [bytes] = await Promise.all([
        Array.fromAsync(download.receive()),
        client.call(served.uuid("disk"), "read", [download.handle]),
      ]);
      assert.equal(bytes.reduce((sum, chunk) => sum + chunk.length, 0), 3 * MEGABYTE);

      served.log.info("a line of the log");
      for await (const { message } of client.logs()) {
        if (message === "a line of the log") break;
      }
      // Processes of the host do not end it.
      const message = way === "local"
        ? "The connection may be closed; the session of the exporter goes on"
        : "ended";
      assert.deepEqual(await client.endSession(), { success: true, message });
    });
  });

  Deno.test(`nothing waits for a session that ends, over ${way}`, async () => {
    await withClient(way, async (client, served) => {
      const console = await client.bytes(served.uuid("console"), "connect");
      using offered = await client.offer(served.uuid("disk"));
      const waiting = [
        client.call(served.uuid("power"), "hang"),
        Array.fromAsync(console),
        offered.send(stuck()),
        Array.fromAsync(client.logs()),
      ].map((wait: Promise<unknown>) => Promise.allSettled([wait]));
      await client.status();
      await served[Symbol.asyncDispose]();
      await Promise.all(waiting);
      await client.closed;
      await assert.rejects(client.status(), { name: "StatusError", code: Code.UNAVAILABLE });
    });
  });
}

/** A source that is stuck after its first chunk. */
async function* stuck() {
  yield new Uint8Array(1_000);
  await new Promise(() => {});
}

Deno.test("connectSession() says why a session cannot be reached", async () => {
  await assert.rejects(connectSession({ kind: "unix", path: "/tmp/there-is-no-such-socket" }), {
    name: "ConnectError",
    code: Code.UNAVAILABLE,
    details:
      "Cannot connect to the exporter at /tmp/there-is-no-such-socket: there is no such socket",
  });
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `127.0.0.1:${silent.addr.port}`;
  await assert.rejects(connectSession({ kind: "tcp", endpoint }, { connectMs: 100 }), {
    code: Code.UNAVAILABLE,
    details: `Cannot connect to the exporter at ${endpoint}: no answer within 0.1 s`,
  });
  const controller = new AbortController();
  const reason = new Error("enough");
  const connecting = connectSession({ kind: "tcp", endpoint }, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(connecting, reason);
  for (const kind of ["tcp", "tls", "router"] as const) {
    const wrong = { kind, endpoint: "http://x", token: "", tls: { insecure: true } };
    await assert.rejects(connectSession(wrong), RangeError);
  }
});

Deno.test("connectSession() trusts no certificate but that of the CA, unless told to", async () => {
  await using served = await serveDrivers({});
  const { otherCa: { certPem: cert, keyPem: key }, caPem: ca } = await certificates();
  const port = await served.session.listen({ hostname: "127.0.0.1", port: 0, keys: { cert, key } });
  const address = { kind: "tls", endpoint: `localhost:${port}` } as const;
  const refused = connectSession({ ...address, tls: { ca, insecure: false } });
  await assert.rejects(refused, { code: Code.UNAVAILABLE, details: /certificate/i });
  await using client = await connectSession({ ...address, tls: { insecure: true } });
  assert.equal((await client.report()).motd, "welcome");
});

Deno.test("every call carries the passphrase", async () => {
  await using served = await serveDrivers(drivers(), { passphrase: "open sesame" });
  await assert.rejects(served.client.report(), { code: Code.UNAUTHENTICATED });
  const client = await served.connect({ passphrase: "open sesame" });
  assert.equal(await client.call(served.uuid("power"), "echo", [1]), 1);
  const console = await client.bytes(served.uuid("console"), "connect");
  console.end();
  assert.equal((await buffer(console)).length, 0);
});

Deno.test("errors of drivers have their code and details", async () => {
  await using served = await serveDrivers(drivers());
  const { client } = served;
  await assert.rejects(served.call("power", "fail"), {
    name: "StatusError",
    code: Code.INTERNAL,
    details: "the relay does not answer",
  });
  await assert.rejects(served.call("power", "nope"), { code: Code.NOT_FOUND });
  await assert.rejects(client.bytes(served.uuid("power"), "nope"), { code: Code.NOT_FOUND });
  await assert.rejects(client.offer(crypto.randomUUID()), { code: Code.UNKNOWN });
  await assert.rejects(Array.fromAsync(client.stream(served.uuid("power"), "nope")), {
    code: Code.NOT_FOUND,
  });
});

Deno.test("a call ends at its deadline and with its signal; a byte stream, too", async () => {
  await using served = await serveDrivers(drivers());
  const { client } = served;
  const power = served.uuid("power");
  await assert.rejects(client.call(power, "hang", [], { timeoutMs: 50 }), {
    code: Code.DEADLINE_EXCEEDED,
  });
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const call = client.call(power, "hang", [], { signal });
  const console = await client.bytes(served.uuid("console"), "connect", { signal });
  const closed = Promise.withResolvers<unknown>();
  console.once("error", closed.resolve);
  controller.abort(reason);
  await assert.rejects(call, reason);
  assert.equal(await closed.promise, reason);
});

Deno.test("a byte stream is read whole even if the device has closed it before", async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
  const connect = () => new PassThrough({ highWaterMark: MEGABYTE }).end(bytes);
  await using served = await serveDrivers({ console: { bytes: { connect } } });
  for (const delay of [0, 200]) {
    const console = await served.client.bytes(served.uuid("console"), "connect");
    await new Promise((resolve) => setTimeout(resolve, delay));
    assert.ok((await buffer(console)).equals(bytes), `${delay} ms`);
  }
});

Deno.test("a byte stream that is destroyed leaves the device", async () => {
  const devices: Duplex[] = [];
  await using served = await serveDrivers(drivers(devices));
  const console = await served.client.bytes(served.uuid("console"), "connect");
  console.destroy();
  await until(() => devices[0]!.destroyed);
});

Deno.test("a writer to a device that takes nothing is held back", async () => {
  await using served = await serveDrivers(drivers());
  const console = await served.client.bytes(served.uuid("console"), "connect");
  console.on("error", () => {});
  let written = 0;
  // Nobody reads the echo, so that at some point nothing goes on.
  const room = () => {
    written += MEGABYTE;
    return console.write(new Uint8Array(MEGABYTE), () => {});
  };
  await until(() => {
    if (!console.writableNeedDrain) room();
    return written > 64 * MEGABYTE || (console.writableNeedDrain && console.writableLength > 0);
  });
  const before = written;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(written === before && before <= 64 * MEGABYTE, `${before} bytes were taken`);
  console.destroy();
});

Deno.test("send() ends without an error when the driver stops reading", async () => {
  await using served = await serveDrivers(drivers());
  using offered = await served.client.offer(served.uuid("disk"));
  const [sent, answer] = await Promise.all([
    offered.send(stuck()),
    served.call("disk", "first", offered.handle),
  ]);
  assert.deepEqual([sent, answer], [false, "enough"]);
});

Deno.test("send() does not wait on an offer that is over", async () => {
  await using served = await serveDrivers(drivers());
  const withdrawn = await served.client.offer(served.uuid("disk"));
  withdrawn[Symbol.dispose]();
  assert.equal(await withdrawn.send([encode("late")]), false);
  const other = await served.connect();
  const lost = await other.offer(served.uuid("disk"));
  await other[Symbol.asyncDispose]();
  await assert.rejects(lost.send([encode("late")]), { code: Code.UNAVAILABLE });
});

Deno.test("send() throws what its source throws, and the driver hears that the bytes broke off", async () => {
  await using served = await serveDrivers(drivers());
  using offered = await served.client.offer(served.uuid("disk"), { encoding: null });
  const failure = new Error("the file is gone");
  async function* failing() {
    yield encode("half of it");
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw failure;
  }
  const [sent, call] = await Promise.allSettled([
    offered.send(failing()),
    served.call("disk", "write", offered.handle),
  ]);
  assert.equal(sent.status === "rejected" && sent.reason, failure);
  assert.match(String(call.status === "rejected" && call.reason), /broke off/);
});

Deno.test("an offer says which encoding the exporter accepts", async () => {
  await using served = await serveDrivers(drivers());
  using gzip = await served.client.offer(served.uuid("disk"), { encoding: "gzip" });
  assert.equal(gzip.acceptedEncoding, "gzip");
  assert.equal(gzip.handle.x_jmp_content_encoding, "gzip");
  const compressed = new Response("hello").body!.pipeThrough(new CompressionStream("gzip"));
  const [, length] = await Promise.all([
    gzip.send(compressed),
    served.call("disk", "write", gzip.handle),
  ]);
  assert.equal(length, 5);
  using unknown = await served.client.offer(served.uuid("disk"), { encoding: "lzma" });
  assert.equal(unknown.acceptedEncoding, "");
});

Deno.test("a relay tells why it cannot reach the session, and closes its connections", async () => {
  const lines: string[] = [];
  const dial = () => Promise.reject(new Error("demo is leased"));
  await using relay = openRelay({ dial, warn: (line) => void lines.push(line) });
  await assert.rejects(connectSession({ kind: "unix", path: relay.path }), {
    code: Code.UNAVAILABLE,
  });
  assert.deepEqual(lines, ["demo is leased"]);
});
