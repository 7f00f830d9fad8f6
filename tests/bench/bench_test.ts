import assert from "node:assert/strict";
import { bench } from "./bench.ts";
import { cpuSeconds, memory, processTree } from "./proc.ts";
import { openRig } from "./rig.ts";
import { markdown, median, type Row, rows } from "./table.ts";

Deno.test("bench() measures what the figures of both exporters say", async () => {
  await using rig = await openRig();
  const options = {
    reps: 1,
    seconds: 0.2,
    imageMb: 2,
    transports: ["direct", "delayed", "python", "j"],
    progress: () => {},
  } as const;
  const results = await bench(rig, options);
  for (const result of results) {
    const found = rows(result);
    assert.equal(markdown(result).split("\n").length, found.length + 2);
    for (const side of ["official", "ours"] as const) {
      for (const { title, [side]: value } of found) {
        // CPU time is counted in hundredths of a second, so a short scenario may show 0.
        const least = title.includes("CPU") ? 0 : Number.MIN_VALUE;
        assert.ok(value >= least && value < Infinity, `${title}, ${side}: ${value}`);
      }
      // Commands of j have other figures.
      if (result !== results.at(-1)) checkOrder(found, side);
    }
  }
  const [, delayed] = results;
  const { official, ours } = rows(delayed!).find(({ title }) => title === "unary call, p50")!;
  assert.ok(Math.min(official, ours) >= 20_000, "a round trip takes 20 ms");
});

/** Pairs of figures of which the first can never be more than the second. */
const ORDERED = [
  ["unary call, p50", "unary call, p99"],
  ["idle memory, PSS", "idle memory, RSS"],
  ["idle memory, RSS", "memory at its peak, RSS"],
  ["memory after all of it, RSS", "memory at its peak, RSS"],
] as const;

function checkOrder(found: readonly Row[], side: "official" | "ours"): void {
  const valueOf = (title: string) => found.find((row) => row.title === title)?.[side];
  for (const [less, more] of ORDERED) {
    const [low, high] = [valueOf(less), valueOf(more)];
    // Memory at rest is measured over one of the transports only.
    if (low === undefined && less.startsWith("idle")) continue;
    assert.ok(low! <= high!, `${side}: ${less} is ${low}, ${more} is ${high}`);
  }
}

Deno.test("processTree() and its sums see the children of a process", async () => {
  const child = new Deno.Command("sh", {
    args: ["-c", "sh -c 'while :; do :; done' & echo started; wait"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const tree = processTree(child.pid);
  try {
    assert.equal(tree[0], child.pid);
    assert.equal(tree.length, 2);
    const { rss, pss } = memory(child.pid);
    assert.ok(rss > pss && pss > 0);
    // Only the grandchild uses CPU time, so the loop ends only if it is counted.
    while (cpuSeconds(child.pid) < 0.05) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    for (const pid of tree) Deno.kill(pid, "SIGKILL");
    await reader.cancel();
    await child.status;
  }
});

Deno.test("median() takes the middle, or the mean of the two there", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), NaN);
});

Deno.test("rows() knows for each figure which of the two is ahead", () => {
  const figures = {
    wait: { title: "wait", unit: "ms", better: "less" },
    rate: { title: "rate", unit: "1/s", better: "more" },
  } as const;
  const runs = { official: [{ wait: 10, rate: 10 }], ours: [{ wait: 5, rate: 5 }] };
  const found = rows({ title: "", figures, runs });
  assert.deepEqual(found.map(({ ratio, ahead }) => [ratio, ahead]), [[0.5, true], [0.5, false]]);
});
