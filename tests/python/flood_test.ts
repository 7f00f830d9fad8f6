/** A Python driver that writes and logs more than anybody can read. */
import assert from "node:assert/strict";
import { collect } from "../collect.ts";
import { type ExporterLab, exporterLab, FAULTY, type Leased } from "./exporter_lab.ts";

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
