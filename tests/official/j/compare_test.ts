/** The official `j` and ours, each on the official exporter and on ours, invocation by invocation. */
import assert from "node:assert/strict";
import { type Name, NAMES } from "../../bench/exporters.ts";
import type { Case, Observation } from "./cases.ts";
import { complaints } from "./compare.ts";
import { openBench } from "./exporters.ts";
import { families } from "./lists/mod.ts";
import { observe } from "./observe.ts";

const invocations = families.flatMap(({ commands }) => Object.values(commands).flat());

/** Runs all of them, one after the other, with one client on one exporter. */
async function runAll(exporter: Name, client: Name): Promise<Map<Case, Observation>> {
  await using bench = await openBench(
    exporter,
    client,
    (site) => Object.assign({}, ...families.map(({ drivers }) => drivers(site, exporter))),
  );
  const seen = new Map<Case, Observation>();
  for (const invocation of invocations) {
    if ((invocation.only ?? exporter) !== exporter) continue;
    seen.set(invocation, await observe(bench, invocation));
  }
  return seen;
}

Deno.test("our j does what the official one does, on both exporters", async (t) => {
  const found = await Promise.all(NAMES.map(async (exporter) => {
    const [official, ours] = await Promise.all(NAMES.map((client) => runAll(exporter, client)));
    return { exporter, official: official!, ours: ours! };
  }));
  for (const { title, commands } of families) {
    for (const [command, cases] of Object.entries(commands)) {
      await t.step(`${title} ${command}`, () => {
        const wrong = found.flatMap(({ exporter, official, ours }) =>
          cases.filter((one) => official.has(one))
            .flatMap((one) => complaints(one, exporter, official.get(one)!, ours.get(one)!))
        );
        assert.ok(wrong.length === 0, wrong.join("\n"));
      });
    }
  }
});

Deno.test("the official j that the launcher forks does what its script does", async () => {
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  await using bench = await openBench("ours", "official", () => tree);
  for (const args of [["power", "read"], ["power", "foo"], ["power"]]) {
    const script = { ...bench, j: ["j"] };
    assert.deepEqual(await observe(bench, { args }), await observe(script, { args }));
  }
});
