import assert from "node:assert/strict";
import { Code, codeOf, DeviceError, messageOf } from "../wire/error.ts";
import { HardwareProblem } from "../driver/hardware_problem.ts";
import { defineDriver, type OpenContext, z } from "../driver/manifest.ts";
import type { DriverLike, Methods } from "../driver/methods.ts";
import type { DriverEntry, Entry, LoadedDriver } from "./entry.ts";
import { DriverInstances, type OpenOptions } from "./instances.ts";
import { DriverTree } from "./driver_tree.ts";
import { driverUuid } from "./uuid.ts";
import { callContext, entryOf } from "./testing.ts";

const identity = { namespace: "lab", name: "demo" };
const call = callContext();

function entry(
  name: string,
  open: (context: OpenContext<unknown>) => DriverLike | Promise<DriverLike>,
  ...children: Entry[]
): DriverEntry {
  const manifest = defineDriver({
    type: `test.${name}`,
    client: "test.Client",
    config: z.any(),
    children: true,
    open,
  });
  return entryOf(name, manifest, children);
}

interface Opened extends AsyncDisposable {
  readonly instances: DriverInstances;
  readonly lines: string[];
}

function openAll(entries: Entry[], options: Partial<OpenOptions> = {}): Opened {
  const scope = new AsyncDisposableStack();
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  const tree = new DriverTree(entries, identity);
  const instances = new DriverInstances(tree, {
    scope,
    signal: new AbortController().signal,
    log: () => ({ debug: say, info: say, warning: say, error: say }),
    ...options,
  });
  return { instances, lines, [Symbol.asyncDispose]: () => scope.disposeAsync() };
}

const uuid = (path: string) => driverUuid(identity, path);

Deno.test("DriverInstances isolates a driver that fails to open", async () => {
  await using opened = openAll([
    entry("bad", () => {
      throw new DeviceError("no such device /dev/nope");
    }),
    entry("good", () => ({ calls: { ping: () => "pong" } })),
  ]);
  assert.equal(await opened.instances.call(uuid("good"), "ping", [], call), "pong");
  await assert.rejects(opened.instances.call(uuid("bad"), "anything", [], call), (error) => {
    assert.equal(codeOf(error), Code.INTERNAL);
    assert.match(messageOf(error), /driver 'bad' is not available: no such device \/dev\/nope/);
    return true;
  });
  assert.equal((await opened.instances.settled()).size, 1);
  assert.match(opened.lines.join(), /bad/);
});

Deno.test("DriverInstances stops waiting for a driver that never opens", async () => {
  await using opened = openAll([entry("slow", () => new Promise(() => {}))], { openTimeoutMs: 20 });
  await assert.rejects(opened.instances.call(uuid("slow"), "x", [], call), (error) => {
    assert.equal(codeOf(error), Code.DEADLINE_EXCEEDED);
    assert.match(messageOf(error), /it did not open within 0.02 s/);
    return true;
  });
});

Deno.test("DriverInstances opens children before their parents, and passes them to the parents", async () => {
  const order: string[] = [];
  const child = entry("child", async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("child");
    return { calls: { name: () => "child" } };
  });
  const parent = entry("parent", ({ children }) => {
    order.push("parent");
    return { calls: { ask: () => children.get("child")!.call("name", [], call) } };
  }, child);
  await using opened = openAll([parent]);
  assert.equal(await opened.instances.call(uuid("parent"), "ask", [], call), "child");
  assert.deepEqual(order, ["child", "parent"]);
});

Deno.test("DriverInstances closes every scope although one driver cannot close", async () => {
  const closed: string[] = [];
  const opened = openAll([
    entry("first", ({ scope }) => {
      scope.defer(() => void closed.push("first"));
      return {};
    }),
    entry("stuck", ({ scope }) => {
      scope.defer(() => new Promise(() => {}));
      return {};
    }),
    entry("throws", ({ scope }) => {
      scope.defer(() => {
        throw new Error("still in use");
      });
      return {};
    }),
    entry("last", ({ scope }) => {
      scope.defer(() => void closed.push("last"));
      return {};
    }),
  ], { closeTimeoutMs: 20 });
  await opened.instances.settled();
  await opened[Symbol.asyncDispose]();
  assert.deepEqual(closed.sort(), ["first", "last"]);
  assert.match(opened.lines.join("\n"), /'stuck': it did not close within 0.02 s/);
  assert.match(opened.lines.join("\n"), /'throws': still in use/);
});

Deno.test("DriverInstances distinguishes a missing method from one of another kind", async () => {
  await using opened = openAll([
    entry("power", () => ({ calls: { on: () => {} }, streams: { read: () => [1] } })),
  ]);
  const { instances } = opened;
  await assert.rejects(
    instances.call(uuid("power"), "of", [], call),
    /method of not found on driver: 'power' \(test.power\) has on, read/,
  );
  await assert.rejects(
    instances.call(uuid("power"), "read", [], call),
    /method read missing marker marker_drivercall/,
  );
  await assert.rejects(
    instances.stream(uuid("power"), "on", [], call),
    /missing marker marker_streamingdrivercall/,
  );
  await assert.rejects(
    instances.bytes(uuid("power"), "on", call),
    /missing marker marker_streamcall/,
  );
  await assert.rejects(instances.call(uuid("power"), "constructor", [], call), /not found/);
});

Deno.test("DriverInstances refuses arguments to a method that takes none", async () => {
  await using opened = openAll([
    entry("power", () => ({ calls: { on: () => {} }, streams: { read: () => [1] } })),
  ]);
  const surplus = { code: Code.UNKNOWN, message: "method on takes no arguments, found 2" };
  await assert.rejects(opened.instances.call(uuid("power"), "on", [1, null], call), surplus);
  await assert.rejects(opened.instances.stream(uuid("power"), "read", [1], call), /found 1/);
});

Deno.test("DriverInstances distinguishes an unknown uuid from a malformed one", async () => {
  await using opened = openAll([]);
  const unknown = crypto.randomUUID();
  await assert.rejects(
    opened.instances.call(unknown, "x", [], call),
    new RegExp(`no driver of this exporter has UUID\\('${unknown}'\\)`),
  );
  await assert.rejects(
    opened.instances.call("nonsense", "x", [], call),
    /badly formed hexadecimal UUID string/,
  );
});

/** A driver with parts, two levels deep. */
function server(parts: Methods["parts"]): DriverEntry {
  const made = entry(
    "server",
    () => ({ calls: { start: () => "started" }, ...(parts && { parts }) }),
  );
  if (!("manifest" in made.source)) throw new Error("expected a driver of this process");
  const files = { name: "files", client: "test.Client" };
  const declared = () => [{ name: "storage", client: "test.Client", parts: [files] }];
  const manifest = { ...made.source.manifest, parts: declared };
  return { ...made, source: { ...made.source, manifest } };
}

Deno.test("DriverInstances reaches the parts of a driver by their own uuids", async () => {
  await using opened = openAll([server({
    storage: {
      calls: { size: () => 5 },
      streams: { list: () => ["a", "b"] },
      parts: { files: { calls: { name: () => "files" } } },
    },
  })]);
  const { instances } = opened;
  assert.equal(await instances.call(uuid("server"), "start", [], call), "started");
  assert.equal(await instances.call(uuid("server.storage"), "size", [], call), 5);
  assert.equal(await instances.call(uuid("server.storage.files"), "name", [], call), "files");
  const items = await instances.stream(uuid("server.storage"), "list", [], call);
  assert.deepEqual(await Array.fromAsync(items), ["a", "b"]);
  await assert.rejects(
    instances.call(uuid("server.storage"), "start", [], call),
    /method start not found on driver: 'server.storage' \(part of test.server\) has size, list/,
  );
});

Deno.test("DriverInstances reports a part that its driver does not have", async () => {
  await using opened = openAll([server(undefined)]);
  await assert.rejects(
    opened.instances.call(uuid("server.storage"), "size", [], call),
    /driver 'server.storage' is not available: driver 'server' has no part 'storage'/,
  );
  assert.equal(await opened.instances.call(uuid("server"), "start", [], call), "started");
});

Deno.test("DriverInstances reports why the driver of a part is degraded", async () => {
  const broken = server(undefined);
  if ("unavailable" in broken.source) throw broken.source.unavailable;
  const open = () => {
    throw new DeviceError("port 69 is in use");
  };
  await using opened = openAll([{
    ...broken,
    source: { ...broken.source, implementation: { open } },
  }]);
  await assert.rejects(
    opened.instances.call(uuid("server.storage"), "size", [], call),
    /driver 'server.storage' is not available: driver 'server' is not available: port 69 is in use/,
  );
});

Deno.test("lookAgain() opens a driver again that could not be opened, and leaves the others", async () => {
  let plugged = false, goods = 0;
  await using opened = openAll([
    entry("bad", () => {
      if (!plugged) throw new DeviceError("no such device");
      return { calls: { ping: () => "pong" } };
    }),
    entry("good", () => ({ calls: { ping: () => ++goods } })),
  ]);
  const { instances, lines } = opened;
  await instances.settled();
  await instances.lookAgain();
  await instances.settled();
  const line = "Driver 'bad' is degraded: no such device";
  assert.deepEqual(lines, [line, line]);
  plugged = true;
  await instances.lookAgain();
  assert.equal(await instances.call(uuid("bad"), "ping", [], call), "pong");
  await instances.lookAgain();
  assert.equal(lines.length, 2);
  assert.equal(await instances.call(uuid("good"), "ping", [], call), 1);
});

Deno.test("a driver that opens without its device is degraded, and told once", async () => {
  let plugged = false;
  const states: string[] = [];
  const bare = entry("serial", () => ({ calls: { ping: () => "pong" } }));
  const { manifest, implementation, config } = bare.source as LoadedDriver;
  const probe = () => {
    if (!plugged) throw new DeviceError("no such device");
  };
  const source = { manifest, config, implementation: { ...implementation, probe } };
  await using opened = openAll([{ ...bare, source }], {
    onState: ({ path }, state) => void (path === "serial" && states.push(state)),
  });
  const { instances, lines } = opened;
  assert.equal(await instances.call(uuid("serial"), "ping", [], call), "pong");
  await instances.examined();
  plugged = true;
  await instances.lookAgain();
  await instances.examined();
  await instances.settled();
  assert.deepEqual(states, ["opening", "degraded", "opening", "open"]);
  assert.deepEqual(lines, ["Driver 'serial' is degraded: no such device"]);
});

Deno.test("a driver that chose a device itself is open, and says once which others there are", async () => {
  const states: string[] = [];
  const bare = entry("serial", () => ({ calls: { ping: () => "pong" } }));
  const { manifest, implementation, config } = bare.source as LoadedDriver;
  const probe = () => {
    throw new HardwareProblem("ambiguous", "two adapters match", { usable: true });
  };
  const source = { manifest, config, implementation: { ...implementation, probe } };
  await using opened = openAll([{ ...bare, source }], {
    onState: ({ path }, state) => void (path === "serial" && states.push(state)),
  });
  await opened.instances.settled();
  await opened.instances.examined();
  assert.equal(await opened.instances.call(uuid("serial"), "ping", [], call), "pong");
  assert.deepEqual(states, ["opening", "open"]);
  assert.deepEqual(opened.lines, ["Driver 'serial': two adapters match"]);
});
