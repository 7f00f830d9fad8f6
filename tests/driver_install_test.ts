/** `jmp driver install` as a process: what it prints, its exit codes, and signals. */
import assert from "node:assert/strict";
import { names, testFolder } from "../src/files/testing.ts";
import { makeWheels } from "../src/foreign/python/install/testing.ts";
import { script } from "../src/foreign/python/testing.ts";
import { until } from "./until.ts";

const root = new URL("../", import.meta.url).pathname;

/** A hang guard, long enough for a busy machine. */
const HANG_MS = 120_000;

/** A folder with wheels and a config, and the environment to make in it. */
async function site(exported: string) {
  const folder = await testFolder(0o755);
  const { path } = folder;
  for (const name of ["wheels", "config", "config/exporters"]) await Deno.mkdir(`${path}/${name}`);
  await makeWheels(`${path}/wheels`, [
    { module: "jumpstarter", version: "0.9.0" },
    { module: "jumpstarter_driver_composite", version: "0.9.0" },
    { module: "jumpstarter_driver_shell", version: "0.9.0" },
    { module: "vendorpackage", version: "1.0" },
  ]);
  const head = "apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\n" +
    "metadata: {namespace: lab, name: bench}\nexport:\n";
  await Deno.writeTextFile(`${path}/config/exporters/bench.yaml`, head + exported);
  const command = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `${root}main.ts`, "driver", "install", ...args],
      env: {
        NO_COLOR: "1",
        JMP_PYTHON: `${path}/python`,
        JMP_CLIENT_CONFIG_HOME: `${path}/config`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(HANG_MS),
    });
  const jmp = async (...args: string[]) => {
    const { code, stdout, stderr } = await command(...args).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll(path, "SITE");
    return { code, out: decode(stdout), err: decode(stderr) };
  };
  return { ...folder, jmp, command };
}

Deno.test("jmp driver install installs what the configs of the host need, once", async () => {
  await using test = await site(`
  power: {type: jumpstarter_driver_power.driver.MockPower}
  shell: {type: jumpstarter_driver_shell.driver.Shell}
  custom: {type: vendorpackage.CustomDriver}
`);
  const { jmp } = test;
  const wheels = ["--wheels", `${test.path}/wheels`];
  const dry = await jmp("--dry-run", "--exporter", "bench");
  assert.equal(dry.code, 1, dry.err);
  assert.match(
    dry.out,
    /^would make SITE\/python with .*, jumpstarter 0\.9\.0 \(which this program/,
  );
  assert.match(dry.out, /^ {2}\S+ -m venv --prompt python SITE\/python$/m);
  assert.match(
    dry.out,
    /^ {2}SITE\/python\/bin\/python -m pip .* jumpstarter-driver-shell==0\.9\.0$/m,
  );
  assert.match(dry.err, /^jmp: 'vendorpackage\.CustomDriver' is not an official driver/m);
  assert.deepEqual(await names(test.path), ["config", "wheels"]);

  const first = await jmp(...wheels);
  assert.equal(first.code, 1, first.err);
  assert.match(first.err, /^\[3\/3\] jumpstarter-driver-shell==0\.9\.0$/m);
  assert.match(first.out, /^SITE\/python: installed 3 packages; exporters that run use them/m);

  const second = await jmp(...wheels, "vendorpackage");
  assert.deepEqual([second.code, second.err], [0, "[1/1] vendorpackage\n"]);
  // Now the type of the vendor is no mystery any more.
  const third = await jmp(...wheels);
  assert.deepEqual(third, {
    code: 0,
    out: "SITE/python: nothing to do, jumpstarter 0.9.0 and all packages are installed\n",
    err: "",
  });
  const lost = await jmp(...wheels, "absent-package");
  assert.equal(lost.code, 1);
  assert.match(
    lost.err,
    /^jmp: cannot install absent-package: the index has no such package.*\n {2}\| /m,
  );
});

Deno.test("jmp driver install makes no environment that no config needs", async () => {
  await using test = await site("\n  power: {type: jumpstarter_driver_power.driver.MockPower}\n");
  assert.deepEqual(await test.jmp(), {
    code: 0,
    out: "no config needs a Python driver: nothing to do\n",
    err: "",
  });
  await Deno.remove(`${test.path}/config/exporters/bench.yaml`);
  // Those of the system are not the test's.
  const { code, err } = await test.jmp("--exporter", "bench");
  assert.equal(code, 1);
  assert.match(err, /Cannot find exporter config 'bench'/);
});

Deno.test("jmp driver install ends in order on a signal", async () => {
  await using test = await site("  {}\n");
  // Takes the place of an interpreter, and hangs when it makes an environment.
  const facts = { python: "", version: [3, 12, 1], jumpstarter: null, modules: [], folders: [] };
  const python = await script(
    `${test.path}/python3.12`,
    `if [ "$1" = -m ]; then for folder; do :; done; mkdir "$folder"; exec sleep 1000; fi
[ $# = 2 ] && echo 'jmp-python:${JSON.stringify(facts)}' || echo jmp-python:true`,
  );
  const before = await names(test.path);
  const child = test.command("--python", python, "jumpstarter-driver-shell").spawn();
  const printed = new Response(child.stderr).text();
  await until(async () => (await names(test.path)).length > before.length);
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 143);
  assert.equal(await printed, "jmp: interrupted by SIGTERM\n");
  await child.stdout.cancel();
  assert.deepEqual(await names(test.path), before);
});
