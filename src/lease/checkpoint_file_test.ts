import assert from "node:assert/strict";
import fc from "fast-check";
import { modeOf, names, NEIGHBOUR, neighbour, testFolder } from "../files/testing.ts";
import { CheckpointFile } from "./checkpoint_file.ts";
import type { Checkpoint } from "./model.ts";

/** A name that no other process uses, since the file may be in a folder that all share. */
const IDENTITY = { namespace: "lab", name: `board-${Deno.pid}` };
const FILE = `lab.board-${Deno.pid}.lease.json`;
const CHECKPOINT: Checkpoint = { lease: { name: "lease-1", client: "alice\n" }, stage: "ready" };

/** The file in a folder, and its warnings. */
function fileIn(folder: string): { file: CheckpointFile; warnings: string[] } {
  const warnings: string[] = [];
  const env = (name: string) => name === "RUNTIME_DIRECTORY" ? folder : undefined;
  const warn = (message: string) => void warnings.push(message);
  return { file: new CheckpointFile(IDENTITY, { env, warn }), warnings };
}

Deno.test("save() stores a checkpoint that only its owner can read, or deletes it", async () => {
  await using dir = await testFolder();
  const { file, warnings } = fileIn(dir.path);
  assert.equal(file.load(), undefined);
  file.save(CHECKPOINT);
  assert.deepEqual(file.load(), CHECKPOINT);
  assert.deepEqual(await names(dir.path), [FILE]);
  assert.equal(await modeOf(`${dir.path}/${FILE}`), 0o600);
  file.save(undefined);
  file.save(undefined);
  assert.equal(file.load(), undefined);
  assert.deepEqual(warnings, []);
});

Deno.test("save() does not follow a link that another user planted, and warns once", async () => {
  await using dir = await testFolder(0o1777);
  await using victim = await testFolder(0o755);
  await Deno.writeTextFile(`${victim.path}/shadow`, "precious", { mode: 0o600 });
  const planted = `${dir.path}/jumpstarter-0`;
  await neighbour(`mkdir -m 777 ${planted}
    ln -s ${victim.path}/shadow ${planted}/${FILE}
    ln -s ${victim.path}/shadow ${planted}/${FILE}.new`);
  const { file, warnings } = fileIn(planted);
  assert.equal(file.load(), undefined);
  file.save(CHECKPOINT);
  file.save(undefined);
  assert.equal(await Deno.readTextFile(`${victim.path}/shadow`), "precious");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, new RegExp(`${planted} to belong to root, found uid ${NEIGHBOUR};`));
});

/** Changes after which a valid file is ignored. */
const SPOILED: Readonly<Record<string, (file: string, folder: string) => Promise<unknown>>> = {
  "a file of another user": (file) => Deno.chown(file, NEIGHBOUR, NEIGHBOUR),
  "a file that its group can write": (file) => Deno.chmod(file, 0o660),
  "a file that all users can write": (file) => Deno.chmod(file, 0o606),
  "a link": async (file, folder) => {
    await Deno.rename(file, `${folder}/real`);
    await Deno.symlink("real", file);
  },
  "a file that is too large": (file) =>
    Deno.writeTextFile(file, " ".repeat(70_000), { append: true }),
  "a truncated file": (file) => Deno.truncate(file, 20),
  "JSON of another shape": (file) => Deno.writeTextFile(file, `{"lease":{"name":1}}`),
  "the JSON value null": (file) => Deno.writeTextFile(file, "null"),
  "an empty file": (file) => Deno.truncate(file),
};

for (const [what, spoil] of Object.entries(SPOILED)) {
  Deno.test(`load() ignores ${what} with one warning, and save() replaces it`, async () => {
    await using dir = await testFolder();
    const { file, warnings } = fileIn(dir.path);
    file.save(CHECKPOINT);
    await spoil(`${dir.path}/${FILE}`, dir.path);
    assert.equal(file.load(), undefined);
    assert.equal(file.load(), undefined);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, new RegExp(`expected .*${dir.path}/${FILE}\\b.* found`));
    file.save(CHECKPOINT);
    assert.deepEqual(file.load(), CHECKPOINT);
    assert.equal(warnings.length, 1);
  });
}

Deno.test("load() reads a file of version 0.1.0, and save() writes the same, for updates during a lease", async () => {
  await using dir = await testFolder();
  const { file, warnings } = fileIn(dir.path);
  const text = `{"lease":{"name":"lease-1","client":"alice"},"stage":"done"}`;
  await Deno.writeTextFile(`${dir.path}/${FILE}`, text, { mode: 0o600 });
  assert.deepEqual(file.load(), { lease: { name: "lease-1", client: "alice" }, stage: "done" });
  assert.deepEqual(warnings, []);
  file.save({ lease: { name: "lease-1", client: "alice" }, stage: "done" });
  assert.equal(await Deno.readTextFile(`${dir.path}/${FILE}`), text);
});

Deno.test("load() does not throw for any content of the file", async () => {
  await using dir = await testFolder();
  const { file } = fileIn(dir.path);
  const content = fc.oneof(fc.string(), fc.json(), fc.json().map((lease) => `{"lease":${lease}}`));
  fc.assert(
    fc.property(content, (text) => {
      Deno.writeTextFileSync(`${dir.path}/${FILE}`, text, { mode: 0o600 });
      file.load();
    }),
    { numRuns: 300 },
  );
});
