import assert from "node:assert/strict";
import { bench } from "./bench.ts";
import { cpuSeconds, memory, processTree } from "./proc.ts";
import { openRig } from "./rig.ts";
import { markdown, median, rows } from "./table.ts";

Deno.test("bench() finds a number for every figure of both exporters", async () => {
  await using rig = await openRig();
  const options = {
    reps: 1,
    seconds: 0.2,
    imageMb: 2,
    transports: ["direct", "delayed"],
    progress: () => {},
  } as const;
  for (const result of await bench(rig, options)) {
    const found = rows(result);
    for (const { title, official, ours } of found) {
      // CPU time is counted in hundredths of a second, so a short scenario may show 0.
      assert.ok(official >= 0 && Number.isFinite(official), `${title}, official: ${official}`);
      assert.ok(ours >= 0 && Number.isFinite(ours), `${title}, ours: ${ours}`);
    }
    assert.equal(markdown(result).split("\n").length, found.length + 2);
  }
});

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
