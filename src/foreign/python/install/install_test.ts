/** Tests installations with real environments and self-made wheels, without network. */
import assert from "node:assert/strict";
import { modeOf, names, testFolder } from "../../../files/testing.ts";
import { listProcesses } from "../../../subprocess/processes.ts";
import { until } from "../../../../tests/until.ts";
import { exists } from "../../../files/stat.ts";
import { script } from "../testing.ts";
import { install, type Watching } from "./install.ts";
import { lockFolder } from "./lock.ts";
import { commandsOf, type InstallOptions, type Plan, planInstall } from "./plan.ts";
import { ProgramFailed } from "./pip.ts";
import { specifier } from "./requirements.ts";
import { presentAt } from "./target.ts";
import { makeWheels } from "./testing.ts";

const env = { PATH: Deno.env.get("PATH")! };

const WHEELS = [
  { module: "jumpstarter", version: "0.9.0" },
  { module: "jumpstarter", version: "0.9.0rc1" },
  { module: "jumpstarter", version: "0.8.1" },
  { module: "jumpstarter_driver_composite", version: "0.9.0", needs: ["jumpstarter==0.9.0"] },
  { module: "jumpstarter_driver_shell", version: "0.9.0", script: "shell-tool" },
  { module: "acme_power", version: "1.2" },
  { module: "acme_broken", version: "1.0", needs: ["absent-package"] },
];

/** A folder with wheels, and options to install from it. */
async function site() {
  const folder = await testFolder(0o755);
  const wheels = `${folder.path}/wheels`;
  await Deno.mkdir(wheels);
  await makeWheels(wheels, WHEELS);
  const options: InstallOptions = {
    env,
    target: `${folder.path}/site/my python`,
    official: [],
    others: [],
    source: { wheels },
  };
  await Deno.mkdir(`${folder.path}/site`);
  const said: string[] = [];
  const watching: Watching = {
    source: options.source,
    signal: new AbortController().signal,
    onPackage: (requirement, number) => void said.push(`${number} ${specifier(requirement)}`),
    onLine() {},
  };
  return { ...folder, options, watching, said };
}

function installed(present: Awaited<ReturnType<typeof presentAt>>): string[] {
  assert.ok(present.state === "usable", JSON.stringify(present));
  const { pip: _, setuptools: __, ...rest } = Object.fromEntries(present.installed);
  return Object.entries(rest).map(([name, version]) => `${name} ${version}`).sort();
}

Deno.test("install() makes an environment, which is completed by the next", async () => {
  await using test = await site();
  const { options, watching, said } = test;
  const first = { ...options, official: ["jumpstarter-driver-shell"] };
  const umask = Deno.umask(0o022);
  try {
    const plan = await planInstall(first);
    assert.equal(plan.versionReason, "the newest among the wheels");
    assert.deepEqual(await install(plan, watching), []);
  } finally {
    Deno.umask(umask);
  }
  assert.deepEqual(said, [
    "1 jumpstarter==0.9.0",
    "2 jumpstarter-driver-composite==0.9.0",
    "3 jumpstarter-driver-shell==0.9.0",
  ]);
  assert.deepEqual(await names(`${test.path}/site`), ["my python"]);
  assert.equal(await modeOf(options.target), 0o755);

  // Its scripts work at the place that it was moved to, and name no other.
  const tool = await new Deno.Command(`${options.target}/bin/shell-tool`).output();
  assert.match(new TextDecoder().decode(tool.stdout), /\/site\/my python\/bin\/python3?\n$/);
  const search = ["-rlF", ".my python-", `${options.target}/bin`, `${options.target}/pyvenv.cfg`];
  assert.equal((await new Deno.Command("grep", { args: search }).output()).code, 1);

  const again = await planInstall(first);
  assert.deepEqual([again.requirements, again.versionReason], [[], "as in the environment"]);
  const others = [{ distribution: "acme-broken" }, { distribution: "Acme_Power" }];
  const failures = await install(await planInstall({ ...first, others }), watching);
  assert.deepEqual(failures.map(({ requirement }) => specifier(requirement)), ["acme-broken"]);
  assert.match(failures[0]!.error.lines.join("\n"), /No matching distribution.*absent-package/);
  assert.deepEqual(installed(await presentAt(options.target, env)), [
    "acme-power 1.2",
    "jumpstarter 0.9.0",
    "jumpstarter-driver-composite 0.9.0",
    "jumpstarter-driver-shell 0.9.0",
  ]);

  // Another version is that of all official packages which are there.
  const newer = await planInstall({ ...options, version: "0.10.0" });
  assert.deepEqual(newer.requirements.map(specifier), [
    "jumpstarter==0.10.0",
    "jumpstarter-driver-composite==0.10.0",
    "jumpstarter-driver-shell==0.10.0",
  ]);
});

/** Takes the place of the interpreter that makes an environment: one whose pip does `pip`. */
async function fakeBase(folder: string, pip: string) {
  const inner = `case $2 in pip) ${pip};; *) echo "jmp-python:true";; esac`;
  const python = await script(
    `${folder}/base`,
    `for folder; do :; done; mkdir -p "$folder/bin"; echo new >"$folder/pyvenv.cfg"
cp ${folder}/inner "$folder/bin/python"`,
  );
  await script(`${folder}/inner`, inner);
  return { python, version: "3.11.2" };
}

Deno.test("install() leaves nothing if the official package cannot be installed", async () => {
  await using test = await site();
  const base = await fakeBase(test.path, "echo no such package >&2; exit 2");
  const plan = { ...await planInstall(test.options), base };
  await assert.rejects(install(plan, test.watching), (error: Error) => {
    assert.ok(error instanceof ProgramFailed);
    assert.deepEqual([error.message, error.lines], ["exit code 2", ["no such package"]]);
    return true;
  });
  assert.deepEqual(await names(`${test.path}/site`), []);
});

Deno.test("install() ends when it is aborted, with all that it started, and leaves nothing", async () => {
  await using test = await site();
  const pid = `${test.path}/pid`;
  // Takes the place of an interpreter that makes the environment, then hangs.
  const hang = 'for folder; do :; done; mkdir "$folder"; sleep 1000 & echo $! >' + pid + "; wait";
  const python = await script(`${test.path}/hang`, hang);
  const base = { python, version: "3.11.2" };
  const plan: Plan = { ...await planInstall(test.options), base };
  const abort = new AbortController();
  const running = install(plan, { ...test.watching, signal: abort.signal });
  await Promise.race([running, until(() => exists(pid))]);
  assert.equal((await names(`${test.path}/site`)).length, 1);
  abort.abort(new Error("interrupted"));
  await assert.rejects(running, { message: "interrupted" });
  assert.deepEqual(await names(`${test.path}/site`), []);
  const child = Number(await Deno.readTextFile(pid));
  assert.ok((await listProcesses()).every(({ pid }) => pid !== child));
});

Deno.test("install() removes what an installation left that was killed, and nothing else", async () => {
  await using test = await site();
  const { target } = test.options;
  await Deno.mkdir(`${test.path}/site/.my python-1234/bin`, { recursive: true });
  await Deno.mkdir(`${test.path}/site/.my other`);
  const base = { python: "/bin/false", version: "3.11.2" };
  const plan: Plan = { ...await planInstall(test.options), base };
  await assert.rejects(install(plan, test.watching), { message: "exit code 1" });
  assert.deepEqual(await names(`${test.path}/site`), [".my other"]);
  assert.equal(exists(target), false);
});

Deno.test("planInstall() makes a broken environment of the site again", async () => {
  await using test = await site();
  const siteEnv = { ...env, XDG_DATA_HOME: `${test.path}/site` };
  const target = `${test.path}/site/jumpstarter/python`;
  const options = { ...test.options, env: siteEnv, target };
  await Deno.mkdir(`${target}/bin`, { recursive: true });
  await Deno.writeTextFile(`${target}/pyvenv.cfg`, "home = /nowhere\n");
  await Deno.symlink("/nowhere/python3", `${target}/bin/python`);
  const plan = await planInstall(options);
  assert.ok(plan.base);
  assert.match(JSON.stringify(plan.present), /leads to an interpreter that is gone/);
  const base = await fakeBase(test.path, "exit 0");
  assert.deepEqual(await install({ ...plan, base }, test.watching), []);
  assert.equal(await Deno.readTextFile(`${target}/pyvenv.cfg`), "new\n");
  assert.deepEqual(await names(`${test.path}/site/jumpstarter`), ["python"]);
});

Deno.test("planInstall() does not touch a folder that is no environment, or not the site's", async () => {
  await using test = await site();
  const { options } = test;
  await Deno.mkdir(options.target);
  await assert.rejects(planInstall(options), /expected a virtual environment or nothing there/);
  await Deno.writeTextFile(`${options.target}/pyvenv.cfg`, "");
  await assert.rejects(planInstall(options), /found no bin\/python; remove it$/);
});

Deno.test("planInstall() names each interpreter that cannot make an environment", async () => {
  await using test = await site();
  const { options } = test;
  const facts = { python: "", version: [3, 9, 1], jumpstarter: null, modules: [], folders: [] };
  await script(`${test.path}/python3`, `echo 'jmp-python:${JSON.stringify(facts)}'`);
  const poor = { ...options, env: { PATH: test.path } };
  await assert.rejects(
    planInstall(poor),
    /python3: expected Python 3\.11 or later, found 3\.9\.1\).*apt install python3 python3-venv$/,
  );
  await assert.rejects(planInstall({ ...poor, base: "python3.13" }), /no python3\.13 on PATH/);
  // As Debian's, without python3-venv.
  const good = JSON.stringify({ ...facts, version: [3, 11, 2] });
  await script(
    `${test.path}/python3`,
    `[ $# = 2 ] && echo 'jmp-python:${good}' || echo 'jmp-python:false'`,
  );
  await assert.rejects(planInstall(poor), /it has no ensurepip: apt install python3\.11-venv/);
});

Deno.test("planInstall() as root passes over an interpreter that other users cannot run", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  await using test = await site();
  await Deno.mkdir(`${test.path}/closed`, { mode: 0o700 });
  await script(`${test.path}/closed/python3`, 'exec python3 "$@"');
  const facts = { python: "", version: [3, 12, 1], jumpstarter: null, modules: [], folders: [] };
  const text = `[ $# = 2 ] && echo 'jmp-python:${JSON.stringify(facts)}' || echo 'jmp-python:true'`;
  await script(`${test.path}/closed/python3`, text);
  const options = { ...test.options, env: { PATH: `${test.path}/closed` } };
  await assert.rejects(
    planInstall(options),
    /other users cannot run it, because .*\/closed is closed/,
  );
  await script(`${test.path}/python3`, text);
  const open = { ...options, env: { PATH: `${test.path}/closed:${test.path}` } };
  assert.equal((await planInstall(open)).base?.python, `${test.path}/python3`);
});

Deno.test("commandsOf() lists what a person would run", async () => {
  await using test = await site();
  const { options } = test;
  const source = { indexUrl: "https://index.invalid/simple", proxy: "http://proxy.invalid:3128" };
  const plan = await planInstall({ ...options, source, official: ["jumpstarter-driver-shell"] });
  assert.equal(plan.version, "0.9.0");
  const pip =
    `${options.target}/bin/python -m pip install --no-input --disable-pip-version-check ` +
    "--progress-bar off --index-url https://index.invalid/simple --proxy http://proxy.invalid:3128 ";
  assert.deepEqual(commandsOf(plan, source).map((command) => command.join(" ")), [
    `${plan.base!.python} -m venv --prompt my python ${options.target}`,
    ...["jumpstarter", "jumpstarter-driver-composite", "jumpstarter-driver-shell"]
      .map((name) => `${pip}${name}==0.9.0`),
  ]);
});

Deno.test("lockFolder() waits for the holder of the lock", async () => {
  await using folder = await testFolder();
  let waits = 0;
  const first = await lockFolder(folder.path, () => waits++);
  let held = false;
  const second = lockFolder(folder.path, () => waits++).then((lock) => {
    held = true;
    return lock;
  });
  await until(() => waits === 1);
  assert.equal(held, false);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
});
