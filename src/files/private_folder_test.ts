import assert from "node:assert/strict";
import { PrivateFolder } from "./private_folder.ts";
import { modeOf, names, neighbour, testFolder } from "./testing.ts";

const MAX = 100;

/** Descriptors that this process holds. */
function held(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("PrivateFolder stores files that only the owner can read", async () => {
  await using dir = await testFolder(0o1777);
  const before = held();
  {
    using folder = PrivateFolder.open(`${dir.path}/a/b`);
    assert.equal(folder.read("x", MAX), undefined);
    folder.replace("x", "one");
    folder.replace("x", "two");
    assert.equal(folder.read("x", MAX), "two");
    assert.deepEqual(await names(folder.path), ["x"]);
    assert.equal(await modeOf(folder.path), 0o700);
    assert.equal(await modeOf(`${folder.path}/x`), 0o600);
    folder.remove("x");
    folder.remove("x");
    assert.equal(folder.read("x", MAX), undefined);
  }
  assert.equal(held(), before);
});

Deno.test("PrivateFolder stays in the folder that it opened, even if the path changes", async () => {
  await using dir = await testFolder();
  using folder = PrivateFolder.open(`${dir.path}/a`);
  await Deno.rename(`${dir.path}/a`, `${dir.path}/b`);
  await Deno.mkdir(`${dir.path}/other`);
  await Deno.symlink("other", `${dir.path}/a`);
  folder.replace("x", "here");
  assert.equal(await Deno.readTextFile(`${dir.path}/b/x`), "here");
});

/** What a neighbour does in a folder `$D` like /tmp before we come to use `$D/ours`. */
const PLANTED: Readonly<Record<string, { script: string; message: RegExp }>> = {
  "a folder": {
    script: "mkdir -m 777 $D/ours",
    message: /to belong to root, found uid 65534; .* run: chown 0 \S+\/ours$/,
  },
  "a folder above": {
    script: "mkdir -m 777 $D/up; ln -s $D/up/ours $D/ours; mkdir -m 777 $D/up/ours",
    message: /to belong to root, found uid 65534/,
  },
  "a link to a folder of ours": {
    script: "ln -s $V $D/ours",
    message: /\/ours to belong to root, found uid 65534/,
  },
  "a link to nothing": {
    script: "ln -s $V/new $D/ours",
    message: /\/ours to belong to root, found uid 65534/,
  },
  "a file": { script: "echo > $D/ours", message: /ENOTDIR/ },
};

for (const [what, { script, message }] of Object.entries(PLANTED)) {
  Deno.test(`PrivateFolder.open() refuses ${what} that another user planted`, async () => {
    await using dir = await testFolder(0o1777);
    await using victim = await testFolder();
    const before = held();
    await neighbour(`D=${dir.path}; V=${victim.path}; ${script}`);
    assert.throws(() => PrivateFolder.open(`${dir.path}/ours`), message);
    assert.deepEqual(await names(victim.path), []);
    assert.equal(held(), before);
  });
}

for (const mode of [0o770, 0o707, 0o1777, 0o720, 0o702]) {
  Deno.test(`PrivateFolder.open() refuses a folder of mode ${mode.toString(8)} and its subfolders`, async () => {
    await using dir = await testFolder();
    await Deno.mkdir(`${dir.path}/a`);
    await Deno.chmod(`${dir.path}/a`, mode);
    assert.throws(() => PrivateFolder.open(`${dir.path}/a`), ({ message }: Error) => {
      assert.match(message, /expected that only the owner can write .*\/a, found mode \d{4};/);
      assert.match(
        message,
        mode === 0o1777 ? /; use a folder of your own / : / chmod go-w \S+\/a$/,
      );
      return true;
    });
    if (mode === 0o1777) return;
    assert.throws(() => PrivateFolder.open(`${dir.path}/a/b`), /only the owner can write .*\/a,/);
  });
}

Deno.test("PrivateFolder.open() follows relative and absolute links of the own user", async () => {
  await using dir = await testFolder();
  await Deno.mkdir(`${dir.path}/a/b`, { recursive: true });
  await Deno.symlink("a/../a/b", `${dir.path}/relative`);
  await Deno.symlink(`${dir.path}/relative`, `${dir.path}/absolute`);
  await Deno.symlink("loop", `${dir.path}/loop`);
  using folder = PrivateFolder.open(`${dir.path}/absolute/../b/./`);
  folder.replace("x", "found");
  assert.equal(await Deno.readTextFile(`${dir.path}/a/b/x`), "found");
  assert.throws(() => PrivateFolder.open(`${dir.path}/loop/x`), /ELOOP/);
  assert.throws(() => PrivateFolder.open("relative"), /expected an absolute path/);
});

Deno.test("PrivateFolder reads no file that others can write, and replaces it instead of writing to it", async () => {
  await using dir = await testFolder();
  await using victim = await testFolder();
  const precious = `${victim.path}/precious`;
  await Deno.writeTextFile(precious, "precious");
  using folder = PrivateFolder.open(dir.path);
  const make: Record<string, (path: string) => Promise<unknown>> = {
    link: (path) => Deno.symlink(precious, path),
    dangling: (path) => Deno.symlink(`${victim.path}/new`, path),
    pipe: (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
    folder: (path) => Deno.mkdir(path),
    foreign: async (path) => {
      await Deno.writeTextFile(path, "x");
      await Deno.chown(path, 1, 0);
    },
    writable: async (path) => {
      await Deno.writeTextFile(path, "x");
      await Deno.chmod(path, 0o660);
    },
    large: (path) => Deno.writeTextFile(path, "x".repeat(MAX + 1)),
  };
  for (const [name, plant] of Object.entries(make)) {
    await plant(`${dir.path}/${name}`);
    const naming = (error: Error) => error.message.includes(`${dir.path}/${name}`);
    assert.throws(() => folder.read(name, MAX), naming, name);
    if (name === "folder") continue;
    folder.replace(name, "new");
    assert.equal(folder.read(name, MAX), "new");
  }
  assert.equal(await Deno.readTextFile(precious), "precious");
  assert.deepEqual(await names(victim.path), ["precious"]);
  assert.throws(() => folder.read("a\0b", MAX), /EINVAL/);
});
