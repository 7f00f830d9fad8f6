/** An environment of Python that is deleted and restored under a running exporter. */
import assert from "node:assert/strict";
import { testFolder } from "../../src/files/testing.ts";
import { exporterLab, FAULTY, stateOf } from "./exporter_lab.ts";
import { testPython } from "./lab.ts";

/** Makes an environment that holds links to the packages of the tests' one. */
async function makeEnvironment(path: string): Promise<void> {
  await run("python3", "-m", "venv", "--without-pip", path);
  const shown = await run(await testPython(), "-c", "import yaml; print(yaml.__path__[0])");
  const packages = shown.trim().replace(/\/yaml$/, "");
  const [version] = await Array.fromAsync(Deno.readDir(`${path}/lib`), ({ name }) => name);
  for await (const { name } of Deno.readDir(packages)) {
    await Deno.symlink(`${packages}/${name}`, `${path}/lib/${version}/site-packages/${name}`);
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const TREE = {
  faulty: { type: FAULTY },
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
};

Deno.test("an environment may vanish and come back under a running exporter", async () => {
  await using folder = await testFolder();
  const path = `${folder.path}/environment`;
  await makeEnvironment(path);
  await using bench = await exporterLab(TREE, { python: `${path}/bin/python` });
  const running = await bench.lease();
  await running.call("faulty", "pid");
  await Deno.rename(path, `${path}.away`);
  await running.call("faulty", "pid");
  await running.end();

  for (const killed of [false, true]) {
    const [host] = await bench.processes.named("jmp-python");
    if (killed && host) Deno.kill(host, "SIGKILL");
    const without = await bench.lease();
    await assert.rejects(without.call("faulty", "pid"), {
      message: /Cannot run .*: it is not there any more; make the environment again/,
    });
    assert.match(stateOf(bench, "faulty").problem!, /not there any more/);
    await without.call("power", "on");
    await without.end();
  }

  await Deno.rename(`${path}.away`, path);
  const restored = await bench.lease();
  await restored.call("faulty", "pid");
  await restored.end();
});
