import assert from "node:assert/strict";
import { DeviceError } from "../../driver/mod.ts";
import { lease, SHORT, site, source } from "./testing.ts";
import { callContext } from "../../tree/testing.ts";

const GOOD = source("acme.Good", `open() { return { calls: { hello: () => "hello" } }; },`);

/** An endless loop that takes no processor from others: Deno ends its worker, but not the loop. */
const LOOP = "while (true) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);";

/** Methods that misbehave in different ways. */
const BAD = source(
  "acme.Bad",
  `open({ scope }) {
    globalThis.count = (globalThis.count ?? 0) + 1;
    return {
      calls: {
        count: () => globalThis.count,
        spin() { while (true) {} },
        timer() { setTimeout(() => { throw new Error("from a timer"); }, 1); return new Promise(() => {}); },
        reject() { Promise.reject(new Error("nobody catches")); return new Promise(() => {}); },
        exit() { Deno.exit(1); },
        forever: () => new Promise(() => {}),
        holdOn() { scope.defer(() => new Promise(() => {})); },
      },
    };
  },`,
);

Deno.test("a worker that exits is detected", async () => {
  await using place = await site({ "bad.js": BAD }, SHORT);
  await using bad = await lease(await place.factory("acme.Bad"));
  await assert.rejects(bad.call("exit"), /did not respond for 2 s while in 'exit' .*did it exit/);
});

Deno.test("an uncaught error fails the calls, and its position is reported", async () => {
  await using place = await site({ "bad.js": BAD, "good.js": GOOD });
  await using good = await lease(await place.factory("acme.Good"));
  const cases = [["timer", "from a timer"], ["reject", "nobody catches"]] as const;
  for (const [method, message] of cases) {
    await using bad = await lease(await place.factory("acme.Bad"));
    await assert.rejects(bad.call(method), (error: Error) => {
      assert.ok(error instanceof DeviceError);
      assert.match(
        error.message,
        new RegExp(
          `unhandled error at /.*bad\\.js:\\d+:\\d+: Error: ${message} \\(is an await missing`,
        ),
      );
      return true;
    });
    assert.equal(await good.call("hello"), "hello");
  }
});

Deno.test("each lease starts with a fresh worker", async () => {
  await using place = await site({ "bad.js": BAD });
  const factory = await place.factory("acme.Bad");
  for (let i = 0; i < 2; i++) {
    await using bad = await lease(factory);
    assert.equal(await bad.call("count"), 1);
  }
});

Deno.test("drivers of one file share a worker until the last of them is closed", async () => {
  await using place = await site({ "bad.js": BAD });
  const factory = await place.factory("acme.Bad");
  await using one = await lease(factory);
  {
    await using two = await lease(factory);
    assert.equal(await two.call("count"), 2);
  }
  assert.equal(await one.call("count"), 2);
});

Deno.test("a call that never returns ends when the client leaves", async () => {
  await using place = await site({ "bad.js": BAD });
  await using bad = await lease(await place.factory("acme.Bad"));
  const leaving = new AbortController();
  const calling = bad.driver.call("forever", [], callContext(leaving.signal));
  leaving.abort();
  await assert.rejects(async () => await calling, { name: "AbortError" });
});

Deno.test("a scope that never closes ends after its bound, with the worker", async () => {
  await using place = await site({ "bad.js": BAD }, SHORT);
  const factory = await place.factory("acme.Bad");
  const bad = await lease(factory);
  await bad.call("holdOn");
  await assert.rejects(async () => await bad[Symbol.asyncDispose](), {
    name: "Timeout",
    message: /^Cannot close the driver of .*bad\.js: it did not finish within 0\.5 s; look for/,
  });
  await using again = await lease(factory);
  assert.equal(await again.call("count"), 1);
});

Deno.test("files that never finish loading do not affect other drivers", async () => {
  await using place = await site({
    "spin.js": LOOP,
    "wait.js": "await new Promise(() => {});",
    "define.js": `export default () => { ${LOOP} };`,
    "async.js": "export default () => new Promise(() => {});",
    "good.js": GOOD,
  }, SHORT);
  await using good = await lease(await place.factory("acme.Good"));
  assert.equal(await good.call("hello"), "hello");
  assert.equal(place.warnings.length, 4);
  for (const file of ["spin", "wait", "define", "async"]) {
    assert.match(
      await place.problem(`./${file}.js`),
      /Cannot (load|use) .*\.js: .*did not (finish within 2 s|respond for 2 s)/,
    );
  }
});

Deno.test("a config check that never ends is reported as an issue of the config", async () => {
  await using place = await site({
    "wait.js": source(
      "acme.Wait",
      "open() {}, config: z.any().refine(() => new Promise(() => {})),",
    ),
    "spin.js": source("acme.Spin", `open() {}, config: z.any().refine(() => { ${LOOP} }),`),
    "throw.js": source(
      "acme.Throw",
      "open() {}, config: z.any().refine(() => { throw new Error('no'); }),",
    ),
  }, SHORT);
  for (const type of ["acme.Wait", "acme.Spin", "acme.Throw"]) {
    const parsed = await (await place.factory(type)).config.safeParseAsync({});
    assert.equal(parsed.success, false);
  }
});

Deno.test("a driver whose open() throws, hangs or returns nothing does not affect others", async () => {
  await using place = await site({
    "throw.js": source("acme.Throw", "open() { throw new InvalidArgument('no port'); },"),
    "nothing.js": source("acme.Nothing", "open() {},"),
    "shape.js": source("acme.Shape", "open: () => ({ calls: { on: 1 } }),"),
    "wait.js": source("acme.Wait", "open: () => new Promise(() => {}),"),
    "spin.js": source("acme.Spin", `open() { ${LOOP} },`),
    "good.js": GOOD,
  }, SHORT);
  const open = async (type: string) => await lease(await place.factory(type));
  await assert.rejects(open("acme.Throw"), { name: "InvalidArgument", message: "no port" });
  await assert.rejects(open("acme.Nothing"), /expected open\(\) to return \{ calls/);
  await assert.rejects(open("acme.Shape"), /expected calls\.on to be a function, found number/);
  await assert.rejects(open("acme.Spin"), /spin\.js did not respond .* while in 'open'/);
  const wait = await place.factory("acme.Wait");
  await using scope = new AsyncDisposableStack();
  const ending = new AbortController();
  const silent = () => {};
  const implementation = await wait.load();
  const opening = implementation.open({
    config: await wait.config.parseAsync({}),
    path: "wait",
    log: { debug: silent, info: silent, warning: silent, error: silent },
    scope,
    signal: ending.signal,
    children: new Map(),
  });
  ending.abort();
  await assert.rejects(async () => await opening, { name: "AbortError" });
  await using good = await open("acme.Good");
  assert.equal(await good.call("hello"), "hello");
});

Deno.test("a changed file is read again by the next lease", async () => {
  const version = (n: number) => source("acme.V", `open: () => ({ calls: { v: () => "${n}" } }),`);
  await using place = await site({ "v.js": version(1) });
  const factory = await place.factory("acme.V");
  for (const n of [1, 2]) {
    await place.write("v.js", version(n));
    await using driver = await lease(factory);
    assert.equal(await driver.call("v"), `${n}`);
  }
});

// The last one: its loop takes a processor until the process ends.
Deno.test("a call in an endless loop is stopped without effect on other drivers or the next lease", async () => {
  await using place = await site({ "bad.js": BAD, "good.js": GOOD }, SHORT);
  await using good = await lease(await place.factory("acme.Good"));
  const factory = await place.factory("acme.Bad");
  {
    await using bad = await lease(factory);
    const stuck = /bad\.js did not respond for 2 s while in 'spin' \(an endless loop/;
    await assert.rejects(bad.call("spin"), (error: Error) => {
      assert.ok(error instanceof DeviceError);
      assert.match(error.message, stuck);
      return true;
    });
    await assert.rejects(bad.call("count"), stuck);
    assert.match(bad.logged.join(), stuck);
    assert.equal(await good.call("hello"), "hello");
  }
  await using again = await lease(factory);
  assert.equal(await again.call("count"), 1);
});

Deno.test("the next lease takes an edited file, and a helper that it imports", async () => {
  const text = (helper: string, answer: string) => ({
    "helper.js": `export const helper = "${helper}";`,
    "a.js": `import { helper } from "./helper.js";
      ${source("acme.A", `open: () => ({ calls: { who: () => "${answer} " + helper } }),`)}`,
  });
  await using place = await site(text("old", "old"));
  const manifest = await place.factory("acme.A");
  const asked = async () => {
    await using driver = await lease(manifest);
    return await driver.call("who");
  };
  assert.equal(await asked(), "old old");
  for (const [name, source] of Object.entries(text("new", "new"))) await place.write(name, source);
  assert.equal(await asked(), "new new");
});
