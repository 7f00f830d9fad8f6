/** Python drivers that write more than anybody reads, and get more than they read. */
import assert from "node:assert/strict";
import { collect } from "../collect.ts";
import { until } from "../until.ts";
import { type ExporterLab, exporterLab, FAULTY, type Leased } from "./exporter_lab.ts";
import { inFlight } from "./in_flight.ts";

const TREE = {
  faulty: { type: FAULTY },
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
};
const MB = 1024 * 1024;

/** Calls both drivers until `flood` ends. Returns the longest call in ms, and their number. */
async function callMeanwhile({ call }: Leased, flood: Promise<unknown>) {
  let ended = false;
  flood.finally(() => ended = true).catch(() => {});
  let longest = 0, calls = 0;
  for (; !ended; calls++) {
    const start = performance.now();
    await Promise.all([call("faulty", "pid"), call("power", "on")]);
    longest = Math.max(longest, performance.now() - start);
  }
  await flood;
  return { longest, calls };
}

/** Bounds what `flood` costs the exporter and its clients. */
async function assertBounded(bench: ExporterLab, lease: Leased, flood: () => Promise<unknown>) {
  collect();
  const { rss } = Deno.memoryUsage();
  const { records } = bench.running;
  const [before, start] = [records.length, performance.now()];
  const { longest, calls } = await callMeanwhile(lease, flood());
  const seconds = (performance.now() - start) / 1000;
  collect();
  const grown = (Deno.memoryUsage().rss - rss) / MB;
  const logged = records.length - before - calls;
  assert.ok(longest < 3_000, `a call took ${longest} ms`);
  assert.ok(grown < 60, `${grown} MB`);
  assert.ok(logged <= 1_000 * (seconds + 2), `${logged} records in ${seconds} s`);
}

Deno.test("100 MB of output delay no call, and are neither kept nor logged", async () => {
  await using bench = await exporterLab(TREE);
  const lease = await bench.lease();
  await lease.call("faulty", "flood", 1);
  await assertBounded(bench, lease, () => lease.call("faulty", "flood", 100));
  await lease.end();
});

Deno.test("100,000 records delay no call, and are not all logged", async () => {
  await using bench = await exporterLab(TREE);
  const lease = await bench.lease();
  await assertBounded(bench, lease, () => lease.call("faulty", "log", 100_000));
  await lease.end();
});

Deno.test("bytes wait for a child or a client that does not read, and not in the exporter's memory", async () => {
  await using bench = await exporterLab(TREE);
  const lease = await bench.lease();
  const pid = await lease.call("faulty", "pid") as number;
  const used = usedMb();
  // The client reads no more than the beginning.
  const download = await inFlight.download!(lease);
  const offer = await lease.client.offer(lease.uuid("faulty"));
  let sent = 0;
  const sending = offer.send(function* () {
    for (;;) {
      yield new Uint8Array(65_536);
      sent += 65_536;
    }
  }());
  const uploading = lease.call("faulty", "write", { ...offer.handle });
  const ended = Promise.allSettled([download.outcome, uploading, sending]);
  await until(() => sent > 10 * MB);
  Deno.kill(pid, "SIGSTOP");
  await settled(() => sent);
  const before = sent;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(sent, before);
  const grown = usedMb() - used;
  assert.ok(grown < 40, `${grown} MB`);
  await lease.call("power", "on");
  Deno.kill(pid, "SIGCONT");
  await until(() => sent > before + 10 * MB);
  await lease.end();
  assert.deepEqual((await ended).map(({ status }) => status), Array(3).fill("rejected"));
});

/** The memory that this process uses: client, router and exporter. */
function usedMb(): number {
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / MB;
}

/** Waits until a value no longer changes. */
async function settled(value: () => number): Promise<void> {
  for (let last = NaN; last !== value();) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
