/** The drivers on real kernel drivers, whose hardware is emulated: `deno task test:hardware`. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { Rig } from "./rig.ts";

const YKUSH = "jumpstarter_driver_yepkit.driver.Ykush";

let rig: Rig;

Deno.test.beforeAll(async () => {
  rig = await Rig.start();
});

Deno.test.afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
});

function config(tree: Record<string, { type: string; config?: Record<string, unknown> }>): string {
  return stringify({
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "bench" },
    export: tree,
  });
}

function ykush(serial: string | null, port: string | number, more = {}) {
  return { type: YKUSH, config: { ...(serial !== null && { serial }), port, ...more } };
}

/** Waits, looking often; a hang guard ends it. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("power: each port of a YKUSH goes on and off, and all of them", async () => {
  const { hub } = rig.bench;
  await rig.plug(hub);
  await using exporter = await rig.export(
    config({
      one: ykush("YK25838", "1"),
      two: ykush("YK25838", 2),
      three: ykush("YK25838", "3", { default: "keep" }),
      all: ykush("YK25838", "all", { default: "keep" }),
    }),
    "root",
  );
  // The defaults: off is written nowhere, keep leaves the third port as it was.
  await until(() => hub.power === "001");
  const steps = [["one", "101", "001"], ["two", "011", "001"], ["three", "001", "000"]] as const;
  for (const [name, on, off] of [...steps, ["all", "111", "000"] as const]) {
    await exporter.client.run(`client.${name}.on()`);
    assert.equal(hub.power, on, `${name} on`);
    await exporter.client.run(`client.${name}.off()`);
    assert.equal(hub.power, off, `${name} off`);
  }
  const { kinds, text } = await exporter.client.fails("list(client.one.read())");
  assert.ok(kinds.includes("NotImplementedError"));
  assert.match(text, /measures nothing/);
  await rig.unplug(hub);
});
