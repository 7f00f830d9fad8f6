/** Python drivers in children of a warm interpreter: how they are built, served and named. */
import assert from "node:assert/strict";
import { driverUuid } from "../../src/tree/uuid.ts";
import { identity, lab, running } from "./lab.ts";

const SHELL = "jumpstarter_driver_shell.driver.Shell";
const TFTP = "jumpstarter_driver_tftp.driver.Tftp";
const POWER = "jumpstarter_driver_power.driver.MockPower";

Deno.test("drivers are built as the official exporter builds them, at uuids of their paths", async () => {
  await using python = await lab();
  const { problems } = await python.warm.import([SHELL, TFTP, POWER]);
  assert.deepEqual([...problems], []);
  const root = await Deno.makeTempDir();
  const entries = {
    "shell": { type: SHELL, config: { methods: { hello: "echo hello $1" } } },
    "tftp": {
      type: TFTP,
      config: { host: "127.0.0.1", port: 0, root_dir: root },
      description: "files",
    },
    "board.power": { type: POWER, methods_description: { on: "switches on" } },
  };
  const paths = ["shell", "tftp", "tftp.storage", "board.power"];
  for (let round = 0; round < 2; round++) {
    await using child = await running(python, entries);
    const { rows, problems } = child.launched;
    assert.deepEqual([...problems], []);
    assert.deepEqual(
      rows.map(({ path, uuid }) => [path, uuid]),
      paths.map((path) => [path, driverUuid(identity, path)]),
    );
    assert.equal(rows[1]!.description, "files");
    assert.deepEqual(rows[3], {
      path: "board.power",
      uuid: driverUuid(identity, "board.power"),
      labels: { "jumpstarter.dev/client": "jumpstarter_driver_power.client.PowerClient" },
      methodsDescription: { on: "switches on" },
    });
    assert.deepEqual(await child.call("shell", "get_methods"), ["hello"]);
    assert.equal(await child.call("board.power", "on"), null);
  }
  await Deno.remove(root, { recursive: true });
});
