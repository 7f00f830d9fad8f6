/** Mistakes in entries of Python drivers, which the exporter warns of or which degrade one driver. */
import assert from "node:assert/strict";
import { lab, running } from "./lab.ts";

const type = "jumpstarter_driver_shell.driver.Shell";
const config = { methods: { ls: "ls" } };

Deno.test("a Python driver is built without texts that are none, and with any spelling of a uuid", async () => {
  await using python = await lab();
  await using child = await running(python, {
    texts: { type, config, description: 5, methods_description: null },
    lists: { type, config, children: [], methods_description: [] },
    named: { type, config: { ...config, uuid: "{6BA7B8109DAD11D180B400C04FD430C8}" } },
    twice: { type, config: { ...config, description: "ours" }, description: "theirs" },
  });
  const { rows, problems } = child.launched;
  assert.deepEqual([...problems], []);
  const row = (name: string) => rows.find(({ path }) => path === name)!;
  assert.equal(row("named").uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  assert.equal(row("texts").description, undefined);
  assert.equal(row("twice").description, "theirs");
  for (const { path } of rows) assert.deepEqual(await child.call(path, "get_methods"), ["ls"]);
});

Deno.test("a child that cannot be built is left out, and its parent is built", async () => {
  await using python = await lab();
  const power = { type: "jumpstarter_driver_power.driver.MockPower" };
  await using child = await running(python, {
    parent: {
      type,
      config,
      children: { power, no: null, strange: { type: "nope.Nope" }, lost: { ref: "nowhere" } },
    },
  });
  const { rows, problems } = child.launched;
  assert.deepEqual(rows.map(({ path }) => path), ["parent", "parent.power"]);
  assert.deepEqual([...problems.keys()].sort(), ["parent.lost", "parent.no", "parent.strange"]);
  assert.equal(await child.call("parent.power", "on"), null);
});
