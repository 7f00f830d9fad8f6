/** `j tree`, `j call` and `j stream` on the official exporter and on ours. */
import assert from "node:assert/strict";
import { NAMES } from "../../bench/exporters.ts";
import { openBench } from "./exporters.ts";
import { observe } from "./observe.ts";

const MOCK = "jumpstarter_driver_power.driver.MockPower";
const SHELL = "jumpstarter_driver_shell.driver.Shell";

const TREE = {
  board: {
    type: "jumpstarter_driver_composite.driver.Composite",
    children: { power: { type: MOCK, description: "Main switch" } },
  },
  echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
  // Ours has another process serve it.
  shell: { type: SHELL, config: { methods: { greet: "echo hello $1" } } },
};

for (const exporter of NAMES) {
  Deno.test(`j reaches any driver without its client, on an exporter: ${exporter}`, async () => {
    await using bench = await openBench(exporter, "ours", () => TREE);
    const run = async (args: readonly string[], input = "") => {
      const { stdout, stderr, exit } = await observe(bench, { args, input });
      return { stdout, stderr, exit };
    };
    const printed = (stdout: string) => ({ stdout, stderr: "", exit: "0" });
    const failed = (message: string) => ({ stdout: "", stderr: `Error: ${message}\n`, exit: "1" });
    const columns = (text: string) => text.trim().split("\n").map((line) => line.trim()).sort();
    const tree = await run(["tree"]);
    assert.deepEqual(columns(tree.stdout), [
      "board    CompositeClient",
      "echo     NetworkClient",
      "power  PowerClient      Main switch",
      "shell    ShellClient",
    ]);
    assert.deepEqual(await run(["call", "board.power", "on"]), printed(""));
    const readings = await run(["call", "board/power", "read"]);
    assert.deepEqual(readings.stdout.trim().split("\n").map((line) => JSON.parse(line)), [
      { voltage: 0, current: 0 },
      { voltage: 5, current: 2 },
    ]);
    assert.deepEqual(await run(["call", "shell", "get_methods"]), printed('["greet"]\n'));
    const [first] = (await run(["call", "shell", "call_method", "greet", "{}", "you"])).stdout
      .split("\n");
    assert.equal(JSON.parse(first!)[0], "hello you\n");
    assert.deepEqual(await run(["stream", "echo"], "hello\n"), printed("hello\n"));
    assert.deepEqual(
      await run(["call", "echo", "connect"]),
      failed("connect of echo is a byte stream: use 'j stream echo connect'"),
    );
    assert.deepEqual(
      await run(["stream", "board.power", "read"]),
      failed("read of board.power is not a byte stream: use 'j call board.power read'"),
    );
    const { stderr, exit } = await run(["call", "board.power", "onn"]);
    assert.equal(exit, "1");
    assert.match(stderr, /^Error: method onn not found on driver/);
  });
}
