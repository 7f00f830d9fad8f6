import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Duplex, PassThrough } from "node:stream";
import { until } from "../../../tests/until.ts";
import { Code, codeOf } from "../../wire/error.ts";
import { InvalidArgument, withArgs, z } from "../../driver/mod.ts";
import { asDriver } from "../../driver/methods.ts";
import { callContext, type OpenedDriver } from "../../tree/testing.ts";
import { lease, site, source } from "./testing.ts";

const DRIVER = `import { Duplex, PassThrough } from "node:stream";
${
  source(
    "acme.All",
    `config: z.strictObject({ hello: z.string().default("world").transform((v) => v.toUpperCase()) }),
    children: true,
    open({ config, path, log, scope, signal, children }) {
      let produced = 0;
      let cancelled = "no";
      const seen = [];
      scope.defer(() => log.info("closed"));
      signal.addEventListener("abort", () => log.info("lease over"));
      return {
        calls: {
          hello: withArgs([z.string(), z.string()], (args) => (
            { config: config.hello, path, args, date: new Date(0), none: undefined })),
          bare() { return "bare"; },
          say() { for (const level of ["debug", "info", "warning", "error"]) log[level]("said " + level); },
          invalid() { throw new InvalidArgument("voltage: expected 0 to 5"); },
          errno() { throw Object.assign(new Error("reset"), { code: "ECONNRESET" }); },
          missing: () => Deno.readTextFile("/no/such/file"),
          range() { throw new RangeError("too far"); },
          fn: () => () => {},
          produced: () => produced,
          cancelled: () => cancelled,
          seen: () => seen,
          child: withArgs([z.string()], (args, call) => children.get("power").call("on", args, call)),
          wrongChild: (_, call) => children.get("power").call("toggle", [], call),
          wait: (args, call) => new Promise((resolve, reject) => {
            call.signal.addEventListener("abort", () => { cancelled = "call"; reject(call.signal.reason); });
          }),
        },
        streams: {
          child: (_, call) => children.get("power").stream("read", [], call),
          declared: withArgs([z.string()], ([text]) => [text]),
          three: () => [{ voltage: 1 }, { voltage: 2 }, { voltage: 3 }],
          async *count(args, call) {
            call.signal.addEventListener("abort", () => cancelled = "stream");
            try { while (true) yield ++produced; } finally { seen.push("finally"); }
          },
          async *fails() { yield 1; throw new InvalidArgument("second"); },
        },
        bytes: {
          echo: () => new PassThrough(),
          child: (call) => children.get("power").bytes("console", call),
          chunks: () => new PassThrough({ objectMode: true }),
          gulp() {
            const total = [];
            return new Duplex({ read() {}, write(c, e, done) { total.push(c.length); done(); },
              final(done) { this.push(String(total.reduce((a, b) => a + b, 0))); this.push(null); done(); } });
          },
          slow: () => new Duplex({ read() {}, write(c, e, done) {} }),
          flood() {
            return new Duplex({ read() { produced += 65536; this.push(new Uint8Array(65536)); },
              write(c, e, done) { done(); }, destroy(error, done) { seen.push("destroyed"); done(error); } });
          },
          breaks() {
            const device = new PassThrough();
            setTimeout(() => device.destroy(new DeviceError("cable pulled")), 1);
            return device;
          },
          vanishes() {
            const device = new PassThrough();
            device.push("last words");
            setTimeout(() => device.destroy(), 20);
            return device;
          },
          banner() {
            const device = new PassThrough({ allowHalfOpen: false });
            device.push("last words"); device.push(null); return device;
          },
          refused() { throw new DeviceError("no device"); },
        },
      };
    },`,
  )
}`;

/** A lease of the driver above. */
async function opened(children?: Parameters<typeof lease>[2]) {
  const place = await site({ "all.js": DRIVER });
  const leased = await lease(await place.factory("acme.All"), {}, children);
  return {
    ...leased,
    async connect(method: string, signal = new AbortController().signal): Promise<Duplex> {
      return await leased.driver.bytes(method, { signal });
    },
    async [Symbol.asyncDispose]() {
      await leased[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function stream(driver: OpenedDriver["driver"], method: string, signal: AbortSignal) {
  return (driver.stream(method, [], { signal }) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
}

Deno.test("a call gets its arguments, the parsed config and answers with a wire value", async () => {
  await using all = await opened();
  assert.deepEqual(await all.call("hello", "a", "b"), {
    config: "WORLD",
    path: "board.relay",
    args: ["a", "b"],
    date: "1970-01-01T00:00:00.000Z",
    none: null,
  });
});

Deno.test("log lines keep their level, and the scope is closed when the lease ends", async () => {
  const all = await opened();
  await all.call("say");
  const said = ["debug", "info", "warning", "error"].map((level) => `${level}: said ${level}`);
  assert.deepEqual(all.logged, said);
  await all[Symbol.asyncDispose]();
  assert.deepEqual(all.logged, [...said, "info: lease over", "info: closed"]);
});

Deno.test("errors keep their class, code and message", async () => {
  await using all = await opened();
  const cases = [
    ["invalid", Code.INVALID_ARGUMENT, /^voltage: expected 0 to 5$/],
    ["errno", Code.UNAVAILABLE, /^reset at \S+\/all\.js:\d+:\d+$/],
    ["missing", Code.INTERNAL, /No such file/],
    ["range", Code.INVALID_ARGUMENT, /^too far at \S+\/all\.js:\d+:\d+$/],
    ["fn", Code.UNKNOWN, /Cannot send a function to a client/],
  ] as const;
  for (const [method, code, message] of cases) {
    await assert.rejects(all.call(method), (error: Error) => {
      assert.equal(codeOf(error), code);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(all.call("invalid"), InvalidArgument);
});

Deno.test("a client that leaves aborts the signal of its call", async () => {
  await using all = await opened();
  const leaving = new AbortController();
  const calling = all.driver.call("wait", [], callContext(leaving.signal));
  setTimeout(() => leaving.abort(), 1);
  await assert.rejects(async () => await calling, { name: "AbortError" });
  assert.equal(await all.call("cancelled"), "call");
});

Deno.test("a driver calls its children", async () => {
  const power = asDriver({
    calls: { on: withArgs([z.string()], ([when]) => ({ switched: when })) },
    streams: { read: () => [{ voltage: 5 }, { voltage: 3 }] },
    bytes: { console: () => new PassThrough() },
  }, "'power' (test.Power)");
  await using all = await opened(new Map([["power", power]]));
  assert.deepEqual(await all.call("child", "now"), { switched: "now" });
  assert.deepEqual(await all.stream("child"), [{ voltage: 5 }, { voltage: 3 }]);
  const console = await all.connect("child");
  console.end("through the worker and back");
  assert.equal(await text(console), "through the worker and back");
  await assert.rejects(all.call("wrongChild"), {
    name: "NoSuchMethod",
    message: /method toggle not found on driver: 'power' \(test.Power\) has on, read, console/,
  });
});

Deno.test("a method that declares no arguments refuses any, and the error names it", async () => {
  await using all = await opened();
  assert.equal(await all.call("bare"), "bare");
  for (const surplus of [all.call("bare", 5), all.stream("three", 5)]) {
    await assert.rejects(surplus, {
      name: "DriverError",
      code: Code.UNKNOWN,
      message: /^method (bare|three) takes no arguments, found 1$/,
    });
  }
  await assert.rejects(all.call("hello", 5, "b"), { code: Code.INVALID_ARGUMENT });
  await assert.rejects(all.stream("declared", 5), { code: Code.UNKNOWN, message: /^argument 1: / });
  assert.deepEqual(await all.stream("declared", "x"), ["x"]);
  await assert.rejects(all.call("three"), /marker_drivercall: driver 'board.relay' \(acme.All\)/);
});

Deno.test("a stream method yields its items, also from arrays", async () => {
  await using all = await opened();
  const items = all.driver.stream("three", [], { signal: new AbortController().signal });
  assert.deepEqual(await Array.fromAsync(items), [{ voltage: 1 }, { voltage: 2 }, { voltage: 3 }]);
});

Deno.test("a stream method that fails fails with its error, after its items", async () => {
  await using all = await opened();
  const items = stream(all.driver, "fails", new AbortController().signal);
  assert.deepEqual(await items.next(), { done: false, value: 1 });
  await assert.rejects(items.next(), { name: "InvalidArgument", message: "second" });
});

Deno.test("a stream method produces only requested items, and is stopped", async () => {
  await using all = await opened();
  const items = stream(all.driver, "count", new AbortController().signal);
  for (let i = 1; i <= 3; i++) assert.equal((await items.next()).value, i);
  assert.equal(await all.call("produced"), 3);
  await items.return?.();
  assert.equal(await all.call("cancelled"), "stream");
  assert.deepEqual(await all.call("seen"), ["finally"]);
});

Deno.test("a stream method stops when its client vanishes", async () => {
  await using all = await opened();
  const leaving = new AbortController();
  const items = stream(all.driver, "count", leaving.signal);
  await items.next();
  leaving.abort();
  assert.equal(await all.call("cancelled"), "stream");
  await assert.rejects(items.next(), { name: "AbortError" });
});

Deno.test("bytes echo 8 MiB unchanged and the end with them", async () => {
  await using all = await opened();
  const echo = await all.connect("echo");
  const sent = randomBytes(8 << 20);
  for (let at = 0; at < sent.length; at += 65_536) echo.write(sent.subarray(at, at + 65_536));
  echo.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of echo) chunks.push(chunk);
  assert.equal(Buffer.compare(Buffer.concat(chunks), sent), 0);
});

Deno.test("bytes keep the boundaries of chunks, empty ones included", async () => {
  await using all = await opened();
  const echo = await all.connect("chunks");
  for (const said of ["ab", "", "c"]) echo.write(said);
  echo.end();
  const chunks: number[] = [];
  for await (const chunk of echo) chunks.push((chunk as Uint8Array).length);
  assert.deepEqual(chunks, [2, 0, 1]);
});

Deno.test("bytes answer after the client's end", async () => {
  await using all = await opened();
  const gulp = await all.connect("gulp");
  for (let i = 0; i < 100; i++) gulp.write(new Uint8Array(50_000));
  gulp.end();
  assert.equal(await text(gulp), "5000000");
});

Deno.test("bytes deliver a device's last output before its end", async () => {
  await using all = await opened();
  assert.equal(await text(await all.connect("banner")), "last words");
});

Deno.test("bytes of a device that accepts nothing block the writer", async () => {
  await using all = await opened();
  const slow = await all.connect("slow");
  let written = 0;
  while (written < 64 << 20) {
    written += 65_536;
    if (slow.write(new Uint8Array(65_536))) continue;
    const drained = await Promise.race([
      once(slow, "drain").then(() => true),
      new Promise((resolve) => setTimeout(resolve, 200, false)),
    ]);
    if (!drained) break;
  }
  assert.ok(written <= 4 << 20, `${written} bytes were taken`);
  slow.destroy();
});

Deno.test("bytes of a device that floods wait for the reader; leaving destroys it", async () => {
  await using all = await opened();
  const flood = await all.connect("flood");
  await once(flood, "readable");
  let before = -1;
  await until(async () => before === (before = await all.call("produced") as number));
  assert.ok(before <= 4 << 20, `${before} bytes were produced for nobody`);
  flood.destroy();
  await until(async () => (await all.call("seen") as string[]).includes("destroyed"));
});

Deno.test("bytes fail with the device's error", async () => {
  await using all = await opened();
  await assert.rejects(text(await all.connect("breaks")), {
    name: "DeviceError",
    message: "cable pulled",
  });
  const words: unknown[] = [];
  await assert.rejects(async () => {
    for await (const chunk of await all.connect("vanishes")) {
      words.push(new TextDecoder().decode(chunk));
    }
  }, { name: "ConnectionFailed", message: "the device closed its stream" });
  assert.deepEqual(words, ["last words"]);
  await assert.rejects(all.connect("refused"), { name: "DeviceError", message: "no device" });
});

Deno.test("open bytes end with the lease", async () => {
  const all = await opened();
  const echo = await all.connect("echo");
  await all[Symbol.asyncDispose]();
  await until(() => echo.destroyed);
});
