/** Tests the search for a Python environment with real interpreters. */
import assert from "node:assert/strict";
import { exists } from "../../files/stat.ts";
import { NEIGHBOUR, neighbour, testFolder } from "../../files/testing.ts";
import { findPython, type NoEnvironment, type PythonEnvironment } from "./environment.ts";
import { script, testEnvironment } from "./testing.ts";

const PATH = Deno.env.get("PATH")!;

function found(result: PythonEnvironment | NoEnvironment): PythonEnvironment {
  assert.ok("python" in result, JSON.stringify(result));
  return result;
}

/** The reasons of a search without success. */
function reasons(result: PythonEnvironment | NoEnvironment): string {
  assert.ok("looked" in result, JSON.stringify(result));
  return result.looked.map(({ python, reason }) => `${python}: ${reason}`).join("\n");
}

Deno.test("findPython() takes JMP_PYTHON as a folder, an interpreter, or below the home", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/with blank`);
  await made.add("jumpstarter", "0.9.0");
  for (const JMP_PYTHON of [made.root, made.python, "~/with blank", "~/with blank/bin/python3"]) {
    const env = { PATH, JMP_PYTHON, HOME: folder.path };
    const { python, version, jumpstarter, place } = found(await findPython({ env }));
    assert.ok([made.python, `${made.python}3`].includes(python), python);
    assert.match(version, /^3\.\d+\.\d+$/);
    assert.equal(jumpstarter, "0.9.0");
    assert.equal(place, "JMP_PYTHON");
  }
});

Deno.test("findPython() takes a path in the config relative to the config, and JMP_PYTHON first", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/venv`);
  await made.add("jumpstarter", "0.8.1");
  const other = await testEnvironment(`${folder.path}/other`);
  await other.add("jumpstarter", "0.9.0");
  for (const configured of ["venv", "./venv", "venv/bin/python"]) {
    const options = { configured, folder: folder.path, env: { PATH } };
    const { jumpstarter, place } = found(await findPython(options));
    assert.deepEqual([jumpstarter, place], ["0.8.1", "python: of the config"]);
  }
  const env = { PATH, JMP_PYTHON: other.root };
  assert.equal(found(await findPython({ configured: made.root, env })).jumpstarter, "0.9.0");
});

Deno.test("findPython() looks nowhere else if the user's choice cannot be used", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/data/jumpstarter/python`);
  await made.add("jumpstarter", "0.9.0");
  const env = { PATH, XDG_DATA_HOME: `${folder.path}/data`, JMP_PYTHON: `${folder.path}/nowhere` };
  assert.equal(
    reasons(await findPython({ env })),
    `${folder.path}/nowhere (JMP_PYTHON): no such file or folder`,
  );
});

Deno.test("findPython() prefers the environment of the site to python3 of PATH", async () => {
  await using folder = await testFolder();
  const site = await testEnvironment(`${folder.path}/data/jumpstarter/python`);
  await site.add("jumpstarter", "0.9.0");
  const other = await testEnvironment(`${folder.path}/other`);
  await other.add("jumpstarter", "0.8.0");
  const path = `:relative:${folder.path}/absent:${folder.path}/other/bin:${PATH}`;
  const env = { PATH: path, XDG_DATA_HOME: `${folder.path}/data` };
  assert.equal(found(await findPython({ env })).python, site.python);
  await Deno.rename(`${folder.path}/data`, `${folder.path}/away`);
  const second = found(await findPython({ env }));
  assert.deepEqual([second.place, second.python], ["python3 of PATH", `${other.python}3`]);
});

Deno.test("findPython() says for each place why it was not taken", async () => {
  await using folder = await testFolder();
  await testEnvironment(`${folder.path}/data/jumpstarter/python`);
  const env = { PATH: "/nowhere", XDG_DATA_HOME: `${folder.path}/data`, HOME: folder.path };
  const said = reasons(await findPython({ env }));
  assert.match(said, /^\/var\/lib\/jumpstarter\/python: no such file or folder$/m);
  assert.match(
    said,
    /\/data\/jumpstarter\/python: the package jumpstarter is not installed there$/m,
  );
  assert.match(said, /^python3 of PATH: no python3 on PATH$/m);
});

Deno.test("findPython() refuses what is no interpreter with a suitable package", async () => {
  await using folder = await testFolder();
  const say = (facts: unknown) => `echo 'jmp-python:${JSON.stringify(facts)}'`;
  const facts = { python: "", version: [3, 11, 2], jumpstarter: "0.9.0", modules: [], folders: [] };
  const cases: [string, RegExp][] = [
    [say({ ...facts, version: [3, 9, 2] }), /expected Python 3\.11 or later, found 3\.9\.2$/],
    [say({ ...facts, version: [2, 7, 18] }), /expected Python 3\.11 or later, found 2\.7\.18$/],
    [say({ ...facts, jumpstarter: "0.7.4" }), /expected the package jumpstarter 0\.8 or later/],
    [say({ ...facts, jumpstarter: null }), /the package jumpstarter is not installed there$/],
    [say({ version: "3.11" }), /expected the answer of a Python interpreter$/],
    ["echo 'jmp-python:{'", /expected the answer of a Python interpreter, found exit code 0/],
    ["echo no >&2; exit 3", /found exit code 3: no$/],
    ["kill -SEGV $$", /found signal SIGSEGV$/],
  ];
  for (const [index, [text, expected]] of cases.entries()) {
    const JMP_PYTHON = await script(`${folder.path}/python${index}`, text);
    assert.match(reasons(await findPython({ env: { PATH, JMP_PYTHON } })), expected);
  }
  await Deno.writeTextFile(`${folder.path}/gone`, "#!/nowhere/python\n", { mode: 0o755 });
  const env = { PATH, JMP_PYTHON: `${folder.path}/gone` };
  assert.match(reasons(await findPython({ env })), /the interpreter that it needs is missing$/);
  await Deno.chmod(`${folder.path}/gone`, 0o644);
  assert.match(reasons(await findPython({ env })), /this user may not execute it$/);
});

Deno.test("findPython() names the interpreter that an environment was made of, if it is gone", async () => {
  await using folder = await testFolder();
  const { root, python } = await testEnvironment(`${folder.path}/venv`);
  await Deno.remove(python);
  await Deno.symlink("/nowhere/python3.11", python);
  for (const JMP_PYTHON of [root, python]) {
    assert.match(
      reasons(await findPython({ env: { PATH, JMP_PYTHON } })),
      /venv\/bin\/python leads to an interpreter that is gone; make the environment again$/,
    );
  }
});

Deno.test("findPython() imports no package, neither of the environment nor of the working directory", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/venv`);
  // It would raise if it were imported.
  await made.add("jumpstarter", "0.9.0");
  await made.add("acme", undefined);
  await Deno.writeTextFile(`${folder.path}/json.py`, "raise Exception('imported')\n");
  await Deno.writeTextFile(`${made.packages}/loud.pth`, "import sys; print('hello')\n");
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    const result = found(await findPython({ env: { PATH, JMP_PYTHON: made.root } }));
    assert.deepEqual(
      await Promise.all(["acme", "sys", "json", "absent"].map(result.has)),
      [true, true, true, false],
    );
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("findPython() resolves a wrapper to its interpreter", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/venv`);
  await made.add("jumpstarter", "0.9.0");
  const JMP_PYTHON = await script(`${folder.path}/shim`, `exec ${made.python} "$@"`);
  assert.equal(found(await findPython({ env: { PATH, JMP_PYTHON } })).python, made.python);
});

Deno.test("findPython() runs an interpreter once until its packages change", async () => {
  await using folder = await testFolder();
  const made = await testEnvironment(`${folder.path}/venv`);
  const runs = `${folder.path}/runs`;
  const text = `echo run >>${runs}; exec ${made.python} "$@"`;
  const env = { PATH, JMP_PYTHON: await script(`${folder.path}/shim`, text) };
  const count = async () => (await Deno.readTextFile(runs)).split("\n").length - 1;
  await Promise.all([findPython({ env }), findPython({ env })]);
  assert.match(reasons(await findPython({ env })), /jumpstarter is not installed there$/);
  assert.equal(await count(), 1);
  await made.add("jumpstarter", "0.9.0");
  const result = found(await findPython({ env }));
  assert.equal(await count(), 2);
  assert.equal(await result.has("acme"), false);
  await made.add("acme", "1.0");
  assert.equal(await found(await findPython({ env })).has("acme"), true);
});

Deno.test("findPython() as root runs no interpreter that another user can change", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  await using folder = await testFolder(0o755);
  const made = await testEnvironment(`${folder.path}/venv`);
  await made.add("jumpstarter", "0.9.0");
  const mark = `${folder.path}/ran`;
  const evil = await script(`${folder.path}/evil`, `touch ${mark}`);
  await Deno.chown(evil, NEIGHBOUR, NEIGHBOUR);
  const refused = async (JMP_PYTHON: string, env = {}) =>
    reasons(await findPython({ env: { PATH, JMP_PYTHON, ...env } }));
  assert.match(await refused(evil), /other users can change it: expected .*evil to belong to root/);
  await Deno.symlink(evil, `${folder.path}/link`);
  assert.match(await refused(`${folder.path}/link`), /other users can change it/);
  // A wrapper that root trusts must not lead to an interpreter that it does not trust.
  const facts = {
    python: evil,
    version: [3, 11, 2],
    jumpstarter: "0.9.0",
    modules: [],
    folders: [],
  };
  const shim = await script(`${folder.path}/shim`, `echo 'jmp-python:${JSON.stringify(facts)}'`);
  assert.match(await refused(shim), /other users can change it/);
  assert.equal(exists(mark), false);
  await Deno.chmod(made.packages, 0o777);
  await neighbour(`echo 'import os' > ${made.packages}/evil.pth`);
  assert.match(await refused(made.root), /expected that only the owner can write .*site-packages/);
  // The user who called sudo could do all that anyway.
  await Deno.chmod(made.packages, 0o755);
  await Deno.chown(made.packages, NEIGHBOUR, NEIGHBOUR);
  assert.match(await refused(made.root), /to belong to root, found uid 65534/);
  const env = { PATH, JMP_PYTHON: made.root, SUDO_UID: String(NEIGHBOUR) };
  assert.equal(found(await findPython({ env })).python, made.python);
});
