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
  assert.deepEqual(await make("data", { TMPDIR: "/missing" }), { base: "/tmp", warnings: [] });
  const long = { XDG_RUNTIME_DIR: `/${"x".repeat(80)}` };
  assert.deepEqual(await make("sockets", long), { base: "/tmp", warnings: [] });
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
