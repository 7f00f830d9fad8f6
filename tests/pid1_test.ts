/** The exporter as the first process of a container: orphans that it reaps, signals that end it. */
import assert from "node:assert/strict";
import { containedExporter, CONTAINER, SOON_MS } from "./contained_exporter.ts";
import { until } from "./until.ts";
import { running } from "./faults/exporter_process.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";

/** Leaves twenty orphans, which end soon. */
const ORPHANS = "for i in $(seq 20); do (setsid sleep 0.3 &); done";

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** Every process, from proc(5). */
function processes(): Seen[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return [{ pid: Number(name), parent: Number(parent), state }];
    } catch {
      return [];
    }
  });
}

function childrenOf(pid: number): Seen[] {
  return processes().filter(({ parent }) => parent === pid);
}

/** Everything below `pid`. */
function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap(({ pid }) => [pid, ...descendants(pid)]);
}

Deno.test("as the first process the exporter reaps orphans, and hears how its hooks ended", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const hook = (code: number) => ({ script: `${ORPHANS}\nexit ${code}`, onFailure: "warn" });
  const rig = { beforeLease: hook(0), afterLease: hook(7) };
  await using place = await containedExporter(rig);
  const { controller, record, exporter, first } = place;
  const orphans = () => childrenOf(first).length;
  let most = 0;
  for (let round = 0; round < 3; round++) {
    const lease = controller.lease("demo", "tester");
    await until(() => {
      most = Math.max(most, orphans());
      return record.status === Status.EXPORTER_STATUS_LEASE_READY;
    }, SOON_MS);
    controller.endLease(lease);
    await until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, SOON_MS);
  }
  assert.ok(most >= 10, `${most} orphans were seen: this tests nothing`);
  await until(() => orphans() === 0, SOON_MS);
  const failures = exporter.lines.filter((line) => /Hook failed with exit code 7/.test(line));
  assert.equal(failures.length, 3, exporter.tail(60));
  assert.doesNotMatch(exporter.lines.join("\n"), /beforeLease: Hook failed|Unexpected failure/);
});

Deno.test("as the first process the exporter ends with SIGTERM, and nothing outlives it", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const script = "setsid sleep 987 &";
  await using place = await containedExporter({ beforeLease: { script, onFailure: "warn" } });
  const { controller, record, exporter, first } = place;
  controller.lease("demo", "tester");
  await until(() => record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
  const below = descendants(first);
  assert.ok(below.length > 0, "there is nothing to outlive it");
  Deno.kill(first, "SIGTERM");
  assert.equal(await exporter.ended, 143, exporter.tail());
  assert.equal(record.status, Status.EXPORTER_STATUS_OFFLINE);
  const alive = new Set(processes().map(({ pid }) => pid));
  assert.deepEqual(below.filter((pid) => alive.has(pid)), []);
});

Deno.test("as the first process a command that knows no signals ends by them", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const dir = await Deno.makeTempDir({ prefix: "jmp-first-" });
  const fifo = `${dir}/config`;
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  const [name, ...args] = [
    ...CONTAINER,
    ...running(new URL("../main.ts", import.meta.url).pathname),
  ];
  const child = new Deno.Command(name!, { args: [...args, "check", fifo] }).spawn();
  try {
    // Opens when the command reads, which then waits for ever.
    using _writer = await Deno.open(fifo, { write: true });
    Deno.kill(childrenOf(child.pid)[0]!.pid, "SIGTERM");
    assert.equal((await child.status).code, 143);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
