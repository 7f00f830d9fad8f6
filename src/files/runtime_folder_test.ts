import assert from "node:assert/strict";
import { openRuntimeFolder } from "./runtime_folder.ts";
import { modeOf, neighbour, testFolder } from "./testing.ts";

function choose(env: Record<string, string>, uid = 0): { path: string; warnings: string[] } {
  const warnings: string[] = [];
  using folder = openRuntimeFolder({
    env: (name) => env[name],
    uid,
    onRefused: (warning) => void warnings.push(warning),
  });
  return { path: folder.path, warnings };
}

Deno.test("openRuntimeFolder() prefers systemd's first folder, then root's, for root", async () => {
  await using dir = await testFolder();
  const env = { RUNTIME_DIRECTORY: `${dir.path}/a:${dir.path}/b`, XDG_RUNTIME_DIR: dir.path };
  assert.deepEqual(choose(env), { path: `${dir.path}/a`, warnings: [] });
  const root = choose({ XDG_RUNTIME_DIR: dir.path, TMPDIR: dir.path });
  assert.deepEqual(root, { path: "/run/jumpstarter", warnings: [] });
  assert.equal(await modeOf("/run/jumpstarter"), 0o755);
});

Deno.test("openRuntimeFolder() skips a folder that other users can change, with a warning", async () => {
  await using dir = await testFolder(0o1777);
  await neighbour(`mkdir -m 755 ${dir.path}/theirs`);
  const { path, warnings } = choose({ RUNTIME_DIRECTORY: `${dir.path}/theirs` });
  assert.equal(path, "/run/jumpstarter");
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /^Cannot use the folder \S+\/theirs: .* found uid 65534; .* uses \/run/,
  );
});

Deno.test("openRuntimeFolder() uses a private folder of the user, else one in /tmp", async () => {
  await using dir = await testFolder();
  const user = { XDG_RUNTIME_DIR: dir.path };
  assert.deepEqual(choose(user, 4_000_001), { path: `${dir.path}/jumpstarter`, warnings: [] });
  await Deno.chmod(dir.path, 0o777);
  const { path, warnings } = choose(user, 4_000_001);
  assert.equal(path, "/tmp/jumpstarter-4000001");
  assert.match(warnings.join(), /only the owner can write .* found mode 0777/);
  await Deno.remove(path);
  await neighbour("mkdir /tmp/jumpstarter-4000001");
  try {
    assert.throws(() => choose(user, 4_000_001), /found mode 0777.*; and .*found uid 65534/);
  } finally {
    await Deno.remove("/tmp/jumpstarter-4000001");
  }
});
