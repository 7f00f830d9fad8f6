import assert from "node:assert/strict";
import { dirname } from "node:path";
import { temporaryFolder } from "./temporary_folder.ts";
import { modeOf, neighbour, testFolder } from "./testing.ts";

async function make(holds: "sockets" | "data", env: Record<string, string>) {
  const warnings: string[] = [];
  await using folder = temporaryFolder({
    holds,
    prefix: "jmp-",
    env: (name) => env[name],
    warn: (warning) => void warnings.push(warning),
  });
  assert.equal(await modeOf(folder.path), 0o700);
  return { base: dirname(folder.path), warnings };
}

Deno.test("temporaryFolder() is in the user's runtime folder for sockets, and in TMPDIR for data", async () => {
  await using dir = await testFolder();
  await using tmp = await testFolder(0o1777);
  const env = { XDG_RUNTIME_DIR: dir.path, TMPDIR: tmp.path };
  assert.deepEqual(await make("sockets", env), { base: dir.path, warnings: [] });
  assert.deepEqual(await make("data", env), { base: tmp.path, warnings: [] });
});

/** Values of a variable that names no usable folder, by what is wrong with it. */
const UNUSABLE: Record<string, (dir: string) => Promise<string> | string> = {
  "no such file or directory": () => "/missing/run/user/99999",
  "not a directory": async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "");
    return `${dir}/file`;
  },
  "expected an absolute path, found 'run/user'": () => "run/user",
  "expected at most 70 bytes .* found 81": () => `/${"x".repeat(80)}`,
  "too many symbolic links|ELOOP|links": async (dir) => {
    await Deno.symlink(`${dir}/loop`, `${dir}/loop`);
    return `${dir}/loop`;
  },
  // Nobody can make a folder there, not even root.
  "cannot create a folder in /proc/self: No such file": () => "/proc/self",
};

for (const [problem, value] of Object.entries(UNUSABLE)) {
  for (const variable of ["XDG_RUNTIME_DIR", "TMPDIR"]) {
    Deno.test(`temporaryFolder() is elsewhere if ${variable} names: ${problem}`, async () => {
      await using dir = await testFolder();
      const { base, warnings } = await make("sockets", { [variable]: await value(dir.path) });
      assert.equal(base, "/tmp");
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, new RegExp(problem));
      assert.match(warnings[0]!, new RegExp(`\\(set by ${variable}\\); uses /tmp instead$`));
    });
  }
}

Deno.test("temporaryFolder() counts the bytes of a path in UTF-8, and allows any length for data", async () => {
  await using dir = await testFolder();
  const path = `${dir.path}/${"ü".repeat(30)}`;
  await Deno.mkdir(path);
  assert.equal((await make("sockets", { TMPDIR: path })).base, "/tmp");
  assert.deepEqual(await make("data", { TMPDIR: path }), { base: path, warnings: [] });
});

Deno.test("temporaryFolder() is in another usual place where /tmp cannot be used", async () => {
  await using dir = await testFolder(0o1777);
  await using folder = temporaryFolder({
    ...{ holds: "sockets", prefix: "jmp-", env: () => undefined },
    usual: ["/proc/self", dir.path],
  });
  assert.equal(dirname(folder.path), dir.path);
});

Deno.test("temporaryFolder() is gone at the end of its scope, even if it was removed before", async () => {
  await using folder = temporaryFolder({ holds: "data", prefix: "jmp-" });
  await Deno.remove(folder.path);
});

Deno.test("temporaryFolder() skips a place where others can rename the folder, with a warning", async () => {
  await using dir = await testFolder(0o1777);
  await neighbour(`mkdir -m 1777 ${dir.path}/theirs`);
  await Deno.mkdir(`${dir.path}/open`);
  await Deno.chmod(`${dir.path}/open`, 0o777);
  const env = { XDG_RUNTIME_DIR: `${dir.path}/theirs`, TMPDIR: `${dir.path}/open` };
  const { base, warnings } = await make("sockets", env);
  assert.equal(base, "/tmp");
  assert.match(warnings[0]!, /theirs to belong to root, found uid 65534/);
  assert.match(warnings[1]!, /only the owner can write .*open, found mode 0777/);
  assert.equal(warnings.length, 2);
});
