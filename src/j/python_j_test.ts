import assert from "node:assert/strict";
import { sleep } from "../base/sleep.ts";
import { declareDriver, z } from "../driver/mod.ts";
import { findPythonJ } from "./python_j.ts";
import { firstOutput, serve } from "./testing.ts";

/** A folder that only this user can change. */
function folder(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "jmp-python-j-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Writes a program. */
function program(path: string, text: string): string {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text, { mode: 0o755 });
  return path;
}

/** A driver whose client is not built in. */
const odd = declareDriver({
  type: "acme.driver.Odd",
  client: "acme.client.Odd",
  config: z.object({}),
  load: () => Promise.resolve({ open: () => ({}) }),
});

Deno.test("findPythonJ() takes the j of the environment that JMP_PYTHON names, in both forms", () => {
  using place = folder();
  const python = program(`${place.path}/bin/python`, "");
  const j = program(`${place.path}/bin/j`, `#!${python}\nimport sys\n`);
  assert.deepEqual(findPythonJ({ JMP_PYTHON: place.path }), [j]);
  assert.deepEqual(findPythonJ({ JMP_PYTHON: python }), [j]);
  // Installers write this if the path is too long for a first line.
  program(j, `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\n`);
  assert.deepEqual(findPythonJ({ JMP_PYTHON: place.path }), [j]);
});

Deno.test("findPythonJ() uses an environment that has drivers but not the official commands", () => {
  using place = folder();
  const python = program(`${place.path}/bin/python`, "");
  assert.equal(findPythonJ({ JMP_PYTHON: place.path }), undefined);
  Deno.mkdirSync(`${place.path}/lib/python3.11/site-packages/jumpstarter`, { recursive: true });
  const [found, flag, text] = findPythonJ({ JMP_PYTHON: place.path })!;
  assert.deepEqual([found, flag], [python, "-c"]);
  assert.match(text!, /client\.cli\(\)/);
});

Deno.test("findPythonJ() finds a Python j on PATH, and never this program itself", () => {
  using place = folder();
  const own = program(`${place.path}/own/j`, "#!/bin/sh\nexec jmp j\n");
  Deno.symlinkSync(Deno.execPath(), `${place.path}/j`);
  const env = { HOME: place.path, PATH: `${place.path}/own:${place.path}:${place.path}/official` };
  assert.equal(findPythonJ(env), undefined, own);
  const j = program(`${place.path}/official/j`, "#!/usr/bin/env python3\nimport sys\n");
  assert.deepEqual(findPythonJ(env), [j]);
  assert.equal(findPythonJ({ ...env, _JMP_J_HANDED_OVER: "1" }), undefined);
});

Deno.test("findPythonJ() refuses for root what other users can change", {
  ignore: Deno.uid() !== 0,
}, () => {
  using place = folder();
  program(`${place.path}/bin/python`, "");
  program(`${place.path}/bin/j`, "#!/usr/bin/python3\n");
  Deno.chmodSync(`${place.path}/bin`, 0o777);
  assert.throws(() => findPythonJ({ JMP_PYTHON: place.path }), /other users can change it/);
});

Deno.test("j runs the Python j for drivers whose client is not built in, and ends with its code", async () => {
  using place = folder();
  // A shell stands for the interpreter.
  const python = `${place.path}/bin/python`;
  program(
    `${place.path}/bin/j`,
    `#!${python}\necho "$JUMPSTARTER_HOST $*" >${place.path}/ran\nexit 7\n`,
  );
  await Deno.symlink("/bin/sh", python);
  await using exporter = await serve({
    odd: { type: "acme.driver.Odd" },
    board: {
      type: "jumpstarter_driver_composite.driver.Composite",
      children: { odd: { type: "acme.driver.Odd" } },
    },
  }, { manifests: [odd] });
  const former = Deno.env.get("JMP_PYTHON");
  Deno.env.set("JMP_PYTHON", place.path);
  try {
    for (const args of [["odd", "do", "--fast"], ["board", "odd", "--help"]]) {
      assert.deepEqual(await exporter.j(args), { code: 7, out: "", err: "" });
      assert.match(
        await Deno.readTextFile(`${place.path}/ran`),
        new RegExp(`${args.join(" ")}\n$`),
      );
    }
    // Completion runs nothing.
    await Deno.remove(`${place.path}/ran`);
    assert.equal((await exporter.j(["--complete", "bash", "odd", "x"])).code, 0);
    await assert.rejects(Deno.stat(`${place.path}/ran`), Deno.errors.NotFound);
    await Deno.remove(`${place.path}/bin/j`);
    const { code, err } = await exporter.j(["odd", "do"]);
    assert.equal(code, 1);
    assert.match(err, /^Error: odd has the client .*not built in.*pip install/);
  } finally {
    if (former === undefined) Deno.env.delete("JMP_PYTHON");
    else Deno.env.set("JMP_PYTHON", former);
  }
});

Deno.test("j waits for the Python j, which decides about Ctrl-C itself", async () => {
  using place = folder();
  program(
    `${place.path}/bin/j`,
    `#!${place.path}/bin/python\necho begun\nread line\nexit 7\n`,
  );
  await Deno.symlink("/bin/sh", `${place.path}/bin/python`);
  await using exporter = await serve({ odd: { type: "acme.driver.Odd" } }, { manifests: [odd] });
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", main, "j", "odd", "do"],
    env: { JUMPSTARTER_HOST: exporter.socket, JMP_PYTHON: place.path },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const { rest } = await firstOutput(child);
  for (let times = 0; times < 3; times++) {
    child.kill("SIGINT");
    await sleep(100);
  }
  await child.stdin.close();
  assert.equal((await child.status).code, 7);
  await rest;
});
