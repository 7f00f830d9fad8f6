import assert from "node:assert/strict";
import { testFolder } from "../files/testing.ts";
import { runAlone, serve } from "./testing.ts";

const TREE = {
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  board: {
    type: "jumpstarter_driver_composite.driver.Composite",
    description: "The board:  a Pi",
    children: { power: { type: "jumpstarter_driver_power.driver.MockPower" } },
  },
};

Deno.test("j --complete completes drivers at any depth, commands, options and choices", async () => {
  await using exporter = await serve(TREE);
  const offered = async (...words: string[]) => {
    const { code, out, err } = await exporter.j(["--complete", "bash", ...words]);
    assert.deepEqual({ code, err }, { code: 0, err: "" }, words.join(" "));
    return out.split("\n").filter((word) => word !== "");
  };
  assert.deepEqual(await offered("po"), ["power"]);
  for (const name of ["board", "power"]) assert.ok((await offered("")).includes(name), name);
  assert.deepEqual(await offered("power", "o"), ["on", "off"]);
  assert.deepEqual(await offered("board", "p"), ["power"]);
  assert.deepEqual(await offered("board", "power", "c"), ["cycle"]);
  assert.deepEqual(await offered("power", "cycle", "--w"), ["--wait"]);
  assert.deepEqual(await offered("--log-level", "W"), ["WARNING"]);
  assert.deepEqual(await offered("--log-level", "INFO", "power", "r"), ["read"]);
  assert.deepEqual(await offered("call", "board"), ["board", "board.power"]);
  // Neither free text nor what does not exist.
  assert.deepEqual(await offered("power", "cycle", "--wait", ""), []);
  assert.deepEqual(await offered("power", "on", ""), []);
  assert.deepEqual(await offered("nope", "o"), []);
});

Deno.test("j --complete leaves out names that a shell cannot take as one line", async () => {
  const { power } = TREE;
  await using exporter = await serve({ "power\nrm": power, "power\tx": power, "power two": power });
  assert.equal((await exporter.j(["--complete", "bash", "pow"])).out, "power two\n");
  assert.equal((await exporter.j(["--complete", "bash", "call", "pow"])).out, "power two\n");
});

Deno.test("j --complete describes candidates for zsh and fish on one line each", async () => {
  await using exporter = await serve(TREE);
  const offered = async (shell: string) => (await exporter.j(["--complete", shell, "bo"])).out;
  assert.equal(await offered("zsh"), "board:The board: a Pi\n");
  assert.equal(await offered("fish"), "board\tThe board: a Pi\n");
});

Deno.test("j --complete offers options where no exporter is named", async () => {
  assert.match((await runAlone(["--complete", "bash", "--tls-g"])).out, /^--tls-grpc$/m);
  assert.equal((await runAlone(["--complete", "bash", ""])).out, "");
});

Deno.test("j --complete offers the exporters of this host, and the options that choose one", async () => {
  await using folder = await testFolder();
  const env = { RUNTIME_DIRECTORY: folder.path };
  for (const name of ["lab.completed", "lab.complete-two", "office.complete-two"]) {
    await Deno.writeTextFile(`${folder.path}/${name}.sock`, "");
  }
  const offered = async (...words: string[]) => {
    const { out } = await runAlone(["--complete", "bash", ...words], { env });
    return out.split("\n").filter((word) => word !== "").sort();
  };
  assert.deepEqual(await offered("--exporter", "comp"), ["completed"]);
  assert.deepEqual(await offered("--exporter", "office"), ["office/complete-two"]);
  assert.deepEqual(await offered("--force", "--exporter", "lab/"), ["lab/complete-two"]);
  assert.deepEqual(await offered("--for"), ["--force"]);
});
