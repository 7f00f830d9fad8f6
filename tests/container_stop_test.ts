/** A container runtime stops the exporter in each phase: what the controller learns before its grace is over. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import {
  type ContainedExporter,
  containedExporter,
  CONTAINER,
  firstChild,
  SOON_MS,
} from "./contained_exporter.ts";
import { TestController } from "./controller/controller.ts";
import { ExporterProcess } from "./faults/exporter_process.ts";
import { until } from "./until.ts";

/** The grace of `docker stop`. Kubernetes has 30 s. */
const GRACE_MS = 10_000;

interface Phase {
  readonly name: string;
  /** `DIR` is a folder for files of the hooks. */
  readonly hooks?: Record<string, unknown>;
  /** Brings the exporter into the phase. */
  enter(bench: ContainedExporter): Promise<unknown>;
  /** Further signals, as of a user who is impatient. */
  readonly again?: readonly Deno.Signal[];
  /** Whether the runtime has to kill it. @default false */
  readonly killed?: boolean;
  /** The file that afterLease has written at the end. */
  readonly wrote?: string;
}

const lease = async ({ controller, record }: ContainedExporter, status: Status) => {
  controller.lease("demo", "tester");
  await until(() => record.status === status, SOON_MS);
};

const { EXPORTER_STATUS_BEFORE_LEASE_HOOK: BEFORE, EXPORTER_STATUS_LEASE_READY: READY } = Status;

const CLEANED = "echo done > DIR/cleaned";
const STUBBORN = "trap '' TERM; echo begun; while :; do sleep 1; done";

const PHASES: readonly Phase[] = [
  { name: "no lease", enter: async () => {} },
  {
    name: "beforeLease",
    hooks: { beforeLease: { script: "echo begun; sleep 1000" } },
    enter: async (bench) => {
      await lease(bench, BEFORE);
      await bench.exporter.line(/: begun$/);
    },
  },
  {
    name: "beforeLease that ignores SIGTERM",
    hooks: { beforeLease: { script: STUBBORN } },
    enter: async (bench) => {
      await lease(bench, BEFORE);
      await bench.exporter.line(/: begun$/);
    },
  },
  {
    name: "a failure of beforeLease that no client has read",
    hooks: { beforeLease: { script: "exit 3", onFailure: "endLease" } },
    enter: async (bench) => {
      await lease(bench, BEFORE);
      await bench.exporter.line(/Hook failed with exit code 3/);
    },
  },
  {
    name: "a lease, without hooks",
    enter: (bench) => lease(bench, READY),
  },
  {
    name: "a lease, with afterLease",
    hooks: { afterLease: { script: CLEANED } },
    enter: (bench) => lease(bench, READY),
    wrote: "cleaned",
  },
  {
    name: "afterLease",
    hooks: { afterLease: { script: `echo begun; sleep 2; ${CLEANED}` } },
    enter: async (bench) => {
      await lease(bench, READY);
      bench.controller.endLease([...bench.controller.store.leases.values()][0]!);
      await bench.exporter.line(/: begun$/);
    },
    wrote: "cleaned",
  },
  {
    name: "a lease, with an afterLease that takes longer than the grace",
    hooks: { afterLease: { script: "sleep 1000", timeout: 1000 } },
    enter: (bench) => lease(bench, READY),
    killed: true,
  },
  {
    name: "a lease, with such an afterLease, and again",
    hooks: { afterLease: { script: STUBBORN, timeout: 1000 } },
    enter: (bench) => lease(bench, READY),
    again: ["SIGTERM"],
  },
  {
    name: "a lease, with such an afterLease, and then by Ctrl-C",
    hooks: { afterLease: { script: "sleep 1000", timeout: 1000 } },
    enter: (bench) => lease(bench, READY),
    again: ["SIGINT"],
  },
];

/** As `docker stop`. @returns the exit code */
async function stop(exporter: ExporterProcess, again: readonly Deno.Signal[]): Promise<number> {
  const first = firstChild(exporter.pid);
  Deno.kill(first, "SIGTERM");
  const ended = exporter.ended;
  for (const signal of again) {
    await exporter.line(/another signal ends it at once|: begun$/);
    await sleep(200);
    Deno.kill(first, signal);
  }
  const timer = setTimeout(() => Deno.kill(first, "SIGKILL"), GRACE_MS);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

for (const { name, hooks, enter, again = [], killed = false, wrote } of PHASES) {
  Deno.test(`a container runtime ends the exporter with a goodbye in: ${name}`, async () => {
    assert.equal(Deno.uid(), 0, "this test runs as root");
    await using bench = await containedExporter(hooks);
    const { controller, exporter, record } = bench;
    await enter(bench);
    // `unshare` itself has no such code for a process that was killed.
    assert.equal(await stop(exporter, again) === 143, !killed, exporter.tail());
    assert.equal(record.status, Status.EXPORTER_STATUS_OFFLINE, exporter.tail());
    const calls = controller.calls.map(({ method }) => method);
    assert.equal(calls.filter((method) => method === "Unregister").length, 1);
    assert.equal(calls.lastIndexOf("ReportStatus") < calls.indexOf("Unregister"), true);
    assert.equal(calls.lastIndexOf("Register") < calls.indexOf("Unregister"), true);
    const cleaned = await Deno.stat(`${bench.dir}/cleaned`).then(() => true, () => false);
    assert.equal(cleaned, wrote === "cleaned");
  });
}

Deno.test("a container runtime ends an exporter whose controller accepts connections, and is silent", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const dir = await Deno.makeTempDir({ prefix: "jmp-stop-" });
  const controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  const text = controller.exporterConfigYaml("demo", tree);
  await controller[Symbol.asyncDispose]();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const links: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const link of silent) links.push(link);
  })();
  const config = `${dir}/exporter.yaml`;
  await Deno.writeTextFile(config, text.replace(/(endpoint: \S*?:)\d+/, `$1${port}`), {
    mode: 0o600,
  });
  const env = { RUNTIME_DIRECTORY: dir };
  const exporter = new ExporterProcess({ config, env, wrapper: CONTAINER });
  try {
    await until(() => links.length > 0, SOON_MS);
    assert.equal(await stop(exporter, []), 143, exporter.tail());
  } finally {
    await exporter[Symbol.asyncDispose]();
    silent.close();
    await accepting;
    for (const link of links) link.close();
    await Deno.remove(dir, { recursive: true });
  }
});
