import assert from "node:assert/strict";
import { Duplex, PassThrough } from "node:stream";
import { until } from "../../tests/until.ts";
import { DeviceError, withArgs, z } from "../driver/mod.ts";
import { Code } from "../wire/error.ts";
import { ExporterStatus, LogSource } from "../wire/gen/jumpstarter/v1/common.ts";
import { ExporterServiceService } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { FrameType } from "../wire/gen/jumpstarter/v1/router.ts";
import { type FrameCall, openFrames } from "../wire/router/testing.ts";
import { SessionStatus } from "./status.ts";
import { serveDrivers, type ServedSession } from "./testing.ts";

const READY = ExporterStatus.EXPORTER_STATUS_LEASE_READY;

function bytesOf(served: ServedSession, name: string, method = "connect"): FrameCall {
  return openFrames(served.grpc, { kind: "driver", uuid: served.uuid(name), method });
}

Deno.test("GetReport answers with uuid, name, motd and the tree", async () => {
  await using served = await serveDrivers({ power: {} });
  const report = await served.client.report();
  assert.deepEqual(report.labels, { "jumpstarter.dev/name": "bench" });
  assert.equal(report.motd, "welcome");
  assert.equal(report.reports.length, 2);
});

Deno.test("DriverCall passes values both ways and errors with their codes", async () => {
  await using served = await serveDrivers({
    thing: {
      calls: {
        echo: withArgs([z.any(), z.any(), z.any()], (args) => args),
        nothing: () => {},
        broken: () => {
          throw new DeviceError("the relay does not answer");
        },
        cyclic: () => {
          const self: unknown[] = [];
          self.push(self);
          return self;
        },
      },
    },
  });
  assert.deepEqual(await served.call("thing", "echo", 5, null, { a: [true] }), [5, null, {
    a: [true],
  }]);
  assert.equal(await served.call("thing", "nothing"), null);
  await assert.rejects(served.call("thing", "broken"), {
    code: Code.INTERNAL,
    details: "the relay does not answer",
  });
  await assert.rejects(served.call("thing", "cyclic"), { code: Code.UNKNOWN });
  await assert.rejects(served.call("thing", "nope"), { code: Code.NOT_FOUND });
});

Deno.test("StreamingDriverCall delivers what came before an error", async () => {
  await using served = await serveDrivers({
    thing: {
      streams: {
        async *count() {
          yield 1;
          yield 2;
          await Promise.resolve();
          throw new DeviceError("gone");
        },
      },
    },
  });
  const seen: unknown[] = [];
  const reading = async () => {
    for await (const item of served.client.stream(served.uuid("thing"), "count")) seen.push(item);
  };
  await assert.rejects(reading(), { code: Code.INTERNAL, details: "gone" });
  assert.deepEqual(seen, [1, 2]);
});

Deno.test("a cancelled StreamingDriverCall ends the driver's generator", async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  await using served = await serveDrivers({
    thing: {
      streams: {
        async *ticks(_args, { signal }) {
          try {
            for (let n = 0;; n++) {
              yield n;
              await new Promise<void>((wake) => {
                const timer = setTimeout(wake, 5);
                signal.addEventListener("abort", () => (clearTimeout(timer), wake()));
              });
              if (signal.aborted) return;
            }
          } finally {
            resolve();
          }
        },
      },
    },
  });
  for await (const _ of served.client.stream(served.uuid("thing"), "ticks")) break;
  await ended;
});

Deno.test("a driver call that comes too early waits until the exporter is ready", async () => {
  await using served = await serveDrivers({ t: { calls: { ping: () => "pong" } } }, {
    ready: false,
  });
  let answered = false;
  const early = served.call("t", "ping").finally(() => answered = true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(answered, false);
  served.session.status.set(READY);
  assert.equal(await early, "pong");
});

Deno.test("driver calls still pass after the end, and fail when the exporter is gone", async () => {
  await using served = await serveDrivers({ t: { calls: { ping: () => "pong" } } });
  served.session.status.set(ExporterStatus.EXPORTER_STATUS_AVAILABLE);
  assert.equal(await served.call("t", "ping"), "pong");
  served.session.status.set(ExporterStatus.EXPORTER_STATUS_OFFLINE);
  await assert.rejects(served.call("t", "ping"), {
    code: Code.FAILED_PRECONDITION,
    details: "Exporter not ready for driver calls (status: OFFLINE)",
  });
});

Deno.test("SessionStatus.admit() loses its patience with an exporter that never is ready", async () => {
  const status = new SessionStatus();
  const { signal } = new AbortController();
  await assert.rejects(
    status.admit(signal, 10),
    /not ready for driver calls \(status: AVAILABLE\)/,
  );
});

Deno.test("GetStatus counts versions and remembers the previous status", async () => {
  await using served = await serveDrivers({}, { ready: false });
  const get = () => served.client.status();
  const AVAILABLE = ExporterStatus.EXPORTER_STATUS_AVAILABLE;
  assert.deepEqual(await get(), {
    status: AVAILABLE,
    message: undefined,
    statusVersion: 0,
    previousStatus: undefined,
  });
  served.session.status.set(READY, "go");
  served.session.status.set(READY, "go");
  assert.deepEqual(await get(), {
    status: READY,
    message: "go",
    statusVersion: 2,
    previousStatus: READY,
  });
});

Deno.test("EndSession answers with what the owner says; Reset is quietly unimplemented", async () => {
  await using served = await serveDrivers({}, {
    onEndSession: () => ({ success: false, message: "No active lease context" }),
  });
  const answer = await served.client.endSession();
  assert.deepEqual(answer, { success: false, message: "No active lease context" });
  await assert.rejects(served.grpc.unary(ExporterServiceService.reset, {}), {
    code: Code.UNIMPLEMENTED,
  });
  assert.deepEqual(served.records, []);
});

Deno.test("every LogStream has the backlog and all new lines, in the clients' words", async () => {
  await using served = await serveDrivers({});
  served.log.info("before");
  const streams = [served.client.logs(), served.client.logs()].map((logs) => Array.fromAsync(logs));
  await served.client.status();
  served.log.child({ origin: "driver", driverType: "pkg.Thing" }).warning("after");
  served.log.child({ origin: "beforeLease" }).error("hook");
  await served.session[Symbol.asyncDispose]();
  for (const seen of await Promise.all(streams)) {
    assert.deepEqual(seen.map(({ severity, message, source }) => [severity, message, source]), [
      ["INFO", "before", LogSource.LOG_SOURCE_SYSTEM],
      ["WARNING", "after", LogSource.LOG_SOURCE_DRIVER],
      ["ERROR", "hook", LogSource.LOG_SOURCE_BEFORE_LEASE_HOOK],
    ]);
    assert.equal(seen[1]!.driverType, "pkg.Thing");
  }
});

Deno.test("a stream sends its headers before any byte was sent", async () => {
  await using served = await serveDrivers({
    echo: { bytes: { connect: () => new PassThrough() } },
  });
  const stream = bytesOf(served, "echo");
  await stream.metadata;
  stream.cancel();
});

Deno.test("a stream carries bytes, passes ends on as GOAWAY, and ends OK", async () => {
  await using served = await serveDrivers({
    echo: { bytes: { connect: () => new PassThrough() } },
  });
  const stream = bytesOf(served, "echo");
  stream.send("hello");
  stream.send("", FrameType.FRAME_TYPE_PING);
  stream.send("", FrameType.FRAME_TYPE_RST_STREAM);
  stream.send("", 99 as FrameType);
  stream.send("");
  stream.send("", FrameType.FRAME_TYPE_GOAWAY);
  stream.end();
  assert.deepEqual(await stream.words(), ["hello", "FRAME_TYPE_GOAWAY"]);
});

Deno.test("a device that ends tells the client, who may still send", async () => {
  const received: string[] = [];
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const device = new Duplex({
    allowHalfOpen: true,
    read() {
      this.push("bye");
      this.push(null);
    },
    write(chunk, _encoding, done) {
      received.push(String(chunk));
      done();
    },
    final(done) {
      resolve();
      done();
    },
  });
  await using served = await serveDrivers({ d: { bytes: { connect: () => device } } });
  const stream = bytesOf(served, "d");
  await stream.goaway;
  stream.send("still here");
  stream.end();
  const seen = await stream.words();
  await finished;
  assert.deepEqual(seen, ["bye", "FRAME_TYPE_GOAWAY"]);
  assert.deepEqual(received, ["still here"]);
});

Deno.test("a client that cancels a stream releases the device", async () => {
  const device = new PassThrough();
  const closed = new Promise<void>((resolve) => device.once("close", resolve));
  await using served = await serveDrivers({ d: { bytes: { connect: () => device } } });
  const stream = bytesOf(served, "d");
  await stream.metadata;
  stream.cancel();
  await closed;
});

Deno.test("a device that breaks ends the stream with its error", async () => {
  const device = new PassThrough();
  await using served = await serveDrivers({ d: { bytes: { connect: () => device } } });
  const stream = bytesOf(served, "d");
  await stream.metadata;
  device.destroy(new DeviceError("unplugged"));
  await assert.rejects(stream.words(), { code: Code.INTERNAL, details: "unplugged" });
});

Deno.test("a stream that cannot be opened fails before its headers, each cause with its code", async () => {
  await using served = await serveDrivers({
    d: {
      bytes: {
        connect: () => {
          throw new DeviceError("no such device");
        },
      },
    },
  });
  await assert.rejects(bytesOf(served, "d").metadata, { code: Code.INTERNAL });
  await assert.rejects(bytesOf(served, "d", "nope").metadata, { code: Code.NOT_FOUND });
  const bad = ["{", "[]", "null", '"x"', '{"kind":"other"}', '{"kind":"driver"}'];
  for (const request of bad) {
    const stream = openFrames(served.grpc, request);
    await assert.rejects(stream.metadata, { code: Code.UNKNOWN }, request);
  }
  await assert.rejects(openFrames(served.grpc).metadata, /metadata key 'request' is missing/);
});

Deno.test("eight MiB echo unharmed through a stream", async () => {
  await using served = await serveDrivers({
    echo: { bytes: { connect: () => new PassThrough() } },
  });
  const block = crypto.getRandomValues(new Uint8Array(65536));
  const total = 128;
  let received = 0;
  const target = { kind: "driver", uuid: served.uuid("echo"), method: "connect" };
  const stream = openFrames(served.grpc, target, ({ payload }) => {
    for (let i = 0; i < payload.length; i += 4099) {
      assert.equal(payload[i], block[(received + i) % block.length]);
    }
    received += payload.length;
  });
  for (let sent = 0; sent < total; sent++) await stream.send(block);
  stream.end();
  assert.equal((await stream.status).code, Code.OK);
  assert.equal(received, total * block.length);
});

Deno.test("closing a session ends its streams and calls within a moment", async () => {
  const device = new PassThrough();
  const closed = new Promise<void>((resolve) => device.once("close", resolve));
  const begun = Promise.withResolvers<void>();
  const served = await serveDrivers({
    d: {
      bytes: { connect: () => device },
      calls: {
        hang: (_args, { signal }) => {
          begun.resolve();
          return new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          });
        },
      },
    },
  });
  const stream = bytesOf(served, "d");
  await stream.metadata;
  const hanging = assert.rejects(served.call("d", "hang"), { code: Code.CANCELLED });
  await begun.promise;
  await served[Symbol.asyncDispose]();
  await closed;
  await hanging;
});

Deno.test("a device that takes nothing is not given chunks without end, however small they are", async () => {
  const taken: number[] = [];
  let go: (() => void) | undefined;
  const device = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      taken.push(...chunk);
      if (taken.length > 1) done();
      else go = done;
    },
  });
  await using served = await serveDrivers({ console: { bytes: { connect: () => device } } });
  const stream = bytesOf(served, "console");
  const total = 5_000;
  for (let count = 0; count < total; count++) stream.send("x");
  await until(() => go !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(device.writableLength <= 16, `${device.writableLength} chunks wait`);
  go!();
  await until(() => taken.length >= total);
  stream.cancel();
});

Deno.test("what clients are told is bounded, and says what is left out", async () => {
  await using served = await serveDrivers({ disk: {} });
  const huge = "e".repeat(10_000);
  const request = { kind: "resource", uuid: served.uuid("disk"), x_jmp_content_encoding: huge };
  const { code, details } = await openFrames(served.grpc, request).status;
  assert.equal(code, Code.RESOURCE_EXHAUSTED);
  assert.match(details, /Cannot send metadata: expected at most 7168 bytes, found 10\d\d\d/);
  served.session.status.set(READY, `It says: ${"x".repeat(1_000_000)}!`);
  const { message } = served.session.status.get();
  assert.match(message!, /^It says: x+ \.\.\. \[\d+ characters left out\] \.\.\. x+!$/);
  assert.ok(message!.length <= 4_096);
});

Deno.test("the backlog of the log is bounded in lines and in length", async () => {
  await using served = await serveDrivers({});
  for (let count = 0; count < 1_000; count++) served.log.info(`${count}: ${"x".repeat(50_000)}`);
  for await (const { message } of served.client.logs()) {
    assert.match(message, /^7\d\d: x+ .* characters left out/);
    break;
  }
});

Deno.test("a driver hears once that a client's connection has ended, and knows one from another", async () => {
  const seen: AbortSignal[] = [];
  await using served = await serveDrivers({
    storage: { calls: { open: (_args, { connection }) => void seen.push(connection!) } },
  });
  const other = await served.connect();
  await served.call("storage", "open");
  await served.call("storage", "open");
  await other.call(served.uuid("storage"), "open");
  const [one, same, two] = seen;
  assert.equal(one, same);
  assert.notEqual(one, two);
  const left = new Promise((resolve) => two!.addEventListener("abort", resolve, { once: true }));
  await other[Symbol.asyncDispose]();
  await left;
  assert.equal((two!.reason as Error).message, "the client's connection has ended");
  assert.equal(one!.aborted, false);
});
