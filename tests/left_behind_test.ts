/** Leases leave nothing behind, in memory and outside of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { SessionClient } from "../src/client/session_client.ts";
import { defineDriver, z } from "../src/driver/mod.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { additions, belongings } from "./belongings.ts";
import { collect } from "./collect.ts";
import { TestController } from "./controller/controller.ts";
import { startExporter } from "./exporter.ts";

import { reported, uuidOf } from "./hook_lab.ts";

type Kept = Map<string, WeakRef<object>>;

/** A driver that keeps weak references to everything that leases gave to it and took from it. */
function witness(kept: Kept) {
  let leases = 0;
  return defineDriver({
    type: "test.Witness",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    open({ scope, signal, log }) {
      const lease = ++leases;
      const keep = (what: string, object: object) => {
        kept.set(`${what} of lease ${lease}`, new WeakRef(object));
      };
      const driver = {
        calls: { ping: () => "pong" },
        streams: {
          async *wait(_args: unknown, { signal }: { signal: AbortSignal }) {
            keep("the signal of a stream", signal);
            yield "waiting";
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          },
        },
        bytes: {
          connect() {
            const bytes = new PassThrough();
            keep("a byte stream", bytes);
            return bytes;
          },
        },
      };
      keep("the driver", driver);
      keep("the scope", scope);
      keep("the signal", signal);
      keep("the log", log);
      return driver;
    },
  });
}

/** Calls the driver in each way, and leaves its streams open. */
async function useAll(client: SessionClient): Promise<void> {
  const uuid = await uuidOf(client, "witness");
  await client.call(uuid, "ping");
  await client.stream(uuid, "wait").getReader().read();
  client.logs();
  const stream = (await client.bytes(uuid, "connect")).on("error", () => {});
  stream.write(new Uint8Array(1_000));
  await once(stream, "data");
}

/** Collects garbage until nothing is `kept` or half a minute has passed. */
async function leftOf(kept: Kept): Promise<string[]> {
  const left = () => [...kept].filter(([, ref]) => ref.deref()).map(([what]) => what);
  for (const end = Date.now() + 30_000; Date.now() < end && left().length > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    collect();
  }
  return left();
}

Deno.test("nothing of a lease is left in memory when it is over, however it ended", async () => {
  const kept: Kept = new Map();
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const tree = { witness: { type: "test.Witness" } };
  const hooks = { beforeLease: { script: "true" }, afterLease: { script: "true" } };
  const text = controller.exporterConfigYaml("demo", tree, { hooks });
  await using _running = await startExporter(text, { manifests: [witness(kept)] });
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  for (const end of ["the client is done", "the lease is taken back", "another one follows"]) {
    const lease = controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    await using client = await controller.sessionClient(lease);
    await useAll(client);
    if (end === "the client is done") await client.endSession();
    else if (end === "the lease is taken back") controller.endLease(lease);
    else {
      const next = controller.switchLease(lease, "tester");
      await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
      controller.endLease(next);
    }
    await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  }
  assert.equal(kept.size, 4 * 4 + 3 * 2);
  assert.deepEqual(await leftOf(kept), []);
});

/** A driver that opens one of every resource that a lease must close. */
const greedy = defineDriver({
  type: "test.Greedy",
  client: "jumpstarter.client.DriverClient",
  config: z.strictObject({}),
  async open({ scope }) {
    const dir = await Deno.makeTempDir({ prefix: "jmp-greedy-" });
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    const file = scope.use(await Deno.open(`${dir}/image`, { create: true, write: true }));
    await file.write(new Uint8Array(1_000));
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    scope.defer(() => listener.close());
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    scope.defer(async () => {
      child.kill("SIGKILL");
      await child.status;
    });
    return {};
  },
});

Deno.test("no descriptor, port, process or file of a lease is left when it is over", async () => {
  const tmp = await Deno.makeTempDir({ prefix: "jmp-left-" });
  const outer = {
    TMPDIR: Deno.env.get("TMPDIR"),
    XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR"),
  };
  for (const name of Object.keys(outer)) Deno.env.set(name, tmp);
  try {
    await leaveNothing(tmp);
  } finally {
    for (const [name, value] of Object.entries(outer)) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    await Deno.remove(tmp, { recursive: true });
  }
});

async function leaveNothing(tmp: string): Promise<void> {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const stay = 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > "$STAYING"';
  const hooks = { beforeLease: { script: stay.replace("$STAYING", `${tmp}/staying`) } };
  const text = controller.exporterConfigYaml("demo", { greedy: { type: "test.Greedy" } }, {
    hooks,
  });
  await using _running = await startExporter(text, { manifests: [greedy] });
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  const cycle = async () => {
    const lease = controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    await using client = await controller.sessionClient(lease);
    await client.report();
    const taken = await belongings(tmp);
    controller.endLease(lease);
    await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
    return taken;
  };
  await cycle();
  const before = await belongings(tmp);
  const taken = additions(before, await cycle());
  assert.ok(taken.some((what) => what.startsWith("ports: ")), "the driver took no port");
  assert.ok(taken.some((what) => what.startsWith("files: jmp-greedy-")), "it took no folder");
  assert.ok(taken.some((what) => what.startsWith("children: ")), "it started nothing");
  for (let round = 0; round < 5; round++) await cycle();
  // Connections of the test's own clients take a moment to close.
  let left = additions(before, await belongings(tmp));
  for (const end = Date.now() + 60_000; left.length > 0 && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    left = additions(before, await belongings(tmp));
  }
  assert.deepEqual(left, []);
  assert.equal(await lives(await Deno.readTextFile(`${tmp}/staying`)), false);
}

/** Whether a process still runs; a zombie does not. */
async function lives(pid: string): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid.trim()}/stat`).catch(() => "");
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}
