import assert from "node:assert/strict";
import { posix } from "node:path";
import fc from "fast-check";
import { names, testFolder } from "../../src/files/testing.ts";
import "../../src/libc/testing.ts";
import { Escape, Jail } from "./jail.ts";
import { opendal } from "./manifest.ts";
import { open, type Opened } from "./testing.ts";

const fs = (root: string) => open(opendal, { scheme: "fs", kwargs: { root } });

/** Links that stay inside and links that do not, in all forms. */
async function mazeIn(place: string): Promise<string> {
  const root = `${place}/root`;
  await Deno.mkdir(`${root}/a/b/c`, { recursive: true });
  await Deno.mkdir(`${place}/outside/a`, { recursive: true });
  for (const file of [`${root}/f`, `${root}/a/f`, `${root}/a/b/f`, `${place}/outside/f`]) {
    await Deno.writeTextFile(file, file);
  }
  const links = {
    "up": "..",
    "self": ".",
    "a/up": "..",
    "a/up2": "../..",
    "a/b/back": "../../a/./b//c/",
    "absolute": `${root}/a/b`,
    "absolute-up": `${root}/a/..`,
    "root": root,
    "around": `${place}/alias/a`,
    "out": `${place}/outside`,
    "near": `${root}-near`,
    "loop": "loop",
    "dangling": "a/new",
    "file": "a/f",
    "through-file": "a/f/..",
  };
  for (const [name, target] of Object.entries(links)) await Deno.symlink(target, `${root}/${name}`);
  await Deno.symlink("root", `${place}/alias`);
  await Deno.mkdir(`${root}-near`);
  return root;
}

const NAMES = [
  ...["a", "b", "c", "f", "up", "up2", "self", "back", "absolute", "absolute-up", "root", "around"],
  ...["out", "near", "loop", "file", "through-file", "dangling", "missing", ".."],
];

for (const stepwise of [false, true]) {
  const how = stepwise ? "step by step" : "in one go";
  Deno.test(`a path resolves as in the kernel, if that is below the root: ${how}`, async () => {
    await using place = await testFolder();
    const root = await mazeIn(place.path);
    await leadsWhereTheKernelFindsIt(root, await Jail.at(root, stepwise));
  });
}

async function leadsWhereTheKernelFindsIt(root: string, jail: Jail): Promise<void> {
  const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(path, async (parts) => {
      const wanted = parts.join("/");
      const real = await Deno.realPath(posix.join(root, wanted).replace(/\/$/, ""))
        .catch(() => undefined);
      const found = await jail.find(wanted, { follow: true }).catch((error: Error) => error);
      if (real === undefined) {
        // A path that has left the root is refused, whether its target exists or not.
        assert.ok(found instanceof Error || !found.file, wanted);
      } else if (real !== root && !real.startsWith(`${root}/`)) {
        assert.ok(found instanceof Escape, `${wanted} leads to ${real}`);
      } else if (found instanceof Error) {
        // A path that leaves the root and returns is refused.
        assert.ok(found instanceof Escape, `${wanted}: ${found}`);
        assert.match(wanted, /up|\.\.|out|around|near|absolute/);
      } else assert.equal(await Deno.realPath(found.file!.path), real, wanted);
      if (!(found instanceof Error)) found[Symbol.dispose]();
    }),
    { numRuns: 1_000 },
  );
}

Deno.test("links that stay inside are followed, also absolute ones and those without a target", async () => {
  await using place = await testFolder();
  const root = await mazeIn(place.path);
  await using storage = await fs(root);
  for (const path of ["absolute/f", "around/b/f", "root/a/up/absolute-up/a/b/f", "self/a/b/f"]) {
    assert.equal(await storage.call("hash", path), await storage.call("hash", "a/b/f"), path);
  }
  await assert.rejects(storage.call("stat", "dangling"), /NotFound \(permanent\) at stat/);
  await storage.call("file_close", await storage.call("open", "dangling", "wb"));
  assert.equal((await Deno.stat(`${root}/a/new`)).size, 0);
  await assert.rejects(storage.call("stat", "loop"), /Unexpected .*ELOOP/);
  await assert.rejects(storage.call("stat", "through-file"), /NotFound .*ENOTDIR/);
  for (const path of ["near", "up/outside/f", "a/up2/outside/f", "out/f"]) {
    await assert.rejects(storage.call("stat", path), /PermissionDenied .* leads out of it/, path);
  }
});

Deno.test("a file is not copied onto itself by a link, which would empty it", async () => {
  await using place = await testFolder();
  const root = await mazeIn(place.path);
  await using storage = await fs(root);
  await Deno.link(`${root}/f`, `${root}/hard`);
  for (const [from, to] of [["file", "a/f"], ["a/f", "file"], ["f", "hard"]]) {
    await assert.rejects(storage.call("copy", from!, to!), /IsSameFile/);
  }
  assert.equal(await Deno.readTextFile(`${root}/a/f`), `${root}/a/f`);
  await Deno.chmod(`${root}/f`, 0o640);
  await storage.call("copy", "f", "file");
  await storage.call("copy", "f", "new/copy");
  for (const copy of ["a/f", "new/copy"]) {
    assert.equal(await Deno.readTextFile(`${root}/${copy}`), `${root}/f`);
  }
  assert.equal((await Deno.stat(`${root}/new/copy`)).mode! & 0o777, 0o640);
});

Deno.test("named pipes block no operation", async () => {
  await using place = await testFolder();
  await using storage = await fs(place.path);
  await new Deno.Command("mkfifo", { args: [`${place.path}/pipe`] }).output();
  await Deno.writeTextFile(`${place.path}/f`, "");
  for (const mode of ["rb", "wb"]) {
    await assert.rejects(storage.call("open", "pipe", mode), /expected a file, found a fifo/);
  }
  await assert.rejects(storage.call("copy", "f", "pipe"), /expected a file, found a fifo/);
  await assert.rejects(storage.call("copy", "pipe", "f"), /the source is not a file/);
  await storage.call("delete", "pipe");
});

Deno.test("folders may be nested 128 deep, and deeper ones of others are refused", async () => {
  await using place = await testFolder();
  await using storage = await fs(place.path);
  const most = "x/".repeat(128);
  await storage.call("create_dir", most);
  assert.equal((await storage.entries("scan", "")).length, 129);
  await assert.rejects(storage.call("create_dir", `${most}x/`), /nested at most 128 deep/);
  await assert.rejects(storage.call("stat", "x".repeat(5_000)), /ENAMETOOLONG/);
  await storage.call("create_dir", `y/${"z/".repeat(127)}`);
  await storage.call("rename", "y", `${"x/".repeat(127)}y`);
  await assert.rejects(storage.entries("scan", ""), /nested at most 128 deep/);
  await assert.rejects(storage.call("remove_all", "x"), /nested at most 128 deep/);
  await storage.call("rename", `${"x/".repeat(127)}y`, "y");
  await storage.call("remove_all", "/");
  assert.deepEqual(await names(place.path), []);
});

Deno.test("no operation leaves a descriptor open", async () => {
  await using place = await testFolder();
  const root = await mazeIn(place.path);
  await using storage: Opened = await fs(root);
  const held = async () => (await names("/proc/self/fd")).length;
  const before = await held();
  const paths = ["a/b/f", "a/b", "out/f", "loop", "missing", "a/f/x", "dangling", "absolute-up"];
  for (const path of paths) {
    const calls = [
      ...["stat", "exists", "hash", "delete", "remove_all"].map((method) => [method, path]),
      ...[["create_dir", `${path}/`], ["copy", path, "new"], ["rename", path, "new2"]],
      ...[["copy", "f", path], ["rename", "f", path], ["open", path, "rb"], ["open", path, "wb"]],
    ];
    for (const [method, ...args] of calls) {
      const result = await storage.call(method!, ...args).catch(() => undefined);
      if (method === "open" && result) await storage.call("file_close", result);
    }
    for (const method of ["list", "scan"]) await storage.entries(method, path).catch(() => {});
  }
  assert.equal(await held(), before);
});

Deno.test("a root that others can replace is used, with a warning", async () => {
  await using place = await testFolder();
  await Deno.mkdir(`${place.path}/shared/root`, { recursive: true });
  for (const [mode, warnings] of [[0o755, 0], [0o1777, 0], [0o777, 1]] as const) {
    await Deno.chmod(`${place.path}/shared`, mode);
    await using storage = await fs(`${place.path}/shared/root`);
    assert.equal(storage.logged.length, warnings);
    for (const line of storage.logged) {
      assert.match(line, /^warning: Others can replace .*\/shared, found mode 0777; .* chmod go-w/);
    }
  }
});
