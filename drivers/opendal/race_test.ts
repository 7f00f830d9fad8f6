/**
 * Another user who may write below the root of a storage replaces folders and files with links that
 * lead out of it, as fast as the kernel can, while the storage is in use.
 */
import assert from "node:assert/strict";
import { names, testFolder } from "../../src/files/testing.ts";
import { opendal } from "./manifest.ts";
import { open, type Opened } from "./testing.ts";

/** Long enough for tens of thousands of swaps, and for hundreds of each operation. */
const RACE_MS = 4_000;

/** The client's operations, which are repeated; none of them may reach a file outside. */
const OPERATIONS: Readonly<Record<string, (storage: Opened) => Promise<unknown>>> = {
  "write in a folder": (storage) => write(storage, "folder/file"),
  "write a file": (storage) => write(storage, "file"),
  "write deep": (storage) => write(storage, "folder/inner/new/file"),
  "read in a folder": (storage) => read(storage, "folder/file"),
  "read a file": (storage) => read(storage, "file"),
  "stat": (storage) => storage.call("stat", "folder/file"),
  "stat of a file": (storage) => storage.call("stat", "file"),
  "exists": (storage) => storage.call("exists", "folder/secret"),
  "hash": (storage) => storage.call("hash", "folder/secret"),
  "list": (storage) => storage.entries("list", "folder/"),
  "scan": (storage) => storage.entries("scan", "/"),
  "scan of a folder": (storage) => storage.entries("scan", "folder/"),
  "copy into": (storage) => storage.call("copy", "mine", "folder/copy"),
  "copy over": (storage) => storage.call("copy", "mine", "file"),
  "copy out of": (storage) => storage.call("copy", "folder/secret", "copied"),
  "rename into": (storage) => storage.call("rename", "mine2", "folder/renamed"),
  "rename out of": (storage) => storage.call("rename", "folder/secret", "taken"),
  "create_dir": (storage) => storage.call("create_dir", "folder/made/deep/"),
  "delete": (storage) => storage.call("delete", "folder/secret"),
  "remove_all in a folder": (storage) => storage.call("remove_all", "folder/inner"),
};

Deno.test("fs: a user who swaps folders with links leads no operation out of the root", async () => {
  await using place = await testFolder(0o755);
  const [root, outside] = [`${place.path}/root`, `${place.path}/outside`];
  await Deno.mkdir(root);
  await Deno.chmod(root, 0o777);
  await Deno.mkdir(`${outside}/inner`, { recursive: true });
  for (const file of ["file", "secret", "inner/kept"]) {
    await Deno.writeTextFile(`${outside}/${file}`, "precious");
  }
  await using storage = await open(opendal, { scheme: "fs", kwargs: { root } });
  await using _neighbour = await swap(root, outside);
  const results: string[] = [];
  const rounds = new Map<string, { done: number; refused: number }>();
  for (const end = performance.now() + RACE_MS; performance.now() < end;) {
    await Deno.writeTextFile(`${root}/mine`, "mine");
    await Deno.writeTextFile(`${root}/mine2`, "mine");
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const count = rounds.get(name) ?? { done: 0, refused: 0 };
      rounds.set(name, count);
      try {
        results.push(`${name}: ${JSON.stringify(await operation(storage))}`);
        count.done++;
      } catch (error) {
        assert.equal((error as Error).name, "StorageError", String((error as Error).stack));
        count.refused++;
      }
    }
    // The other user may change the root, but nothing outside of it may change.
    await unharmed(outside);
  }
  for (const [name, { done, refused }] of rounds) {
    assert.ok(done + refused > 20, `${name}: only ${done} done and ${refused} refused`);
  }
  // The race took place: some operations met a link out of the root and were refused.
  assert.ok(rounds.get("write in a folder")!.refused > 0);
  assert.ok(rounds.get("write in a folder")!.done > 0);
  // Files that exist only outside were never found, read or moved.
  const leak = /precious|secret|kept|^exists: true|^hash|^copy out|^rename out/;
  assert.deepEqual(results.filter((result) => leak.test(result)), []);
});

async function unharmed(outside: string): Promise<void> {
  assert.deepEqual(await names(outside), ["file", "inner", "secret"]);
  assert.deepEqual(await names(`${outside}/inner`), ["kept"]);
  for (const file of ["file", "secret", "inner/kept"]) {
    assert.equal(await Deno.readTextFile(`${outside}/${file}`), "precious", file);
  }
}

async function write(storage: Opened, path: string): Promise<void> {
  const fd = await storage.call("open", path, "wb");
  await storage.upload("written", "file_write", fd, "image");
  await storage.call("file_close", fd);
}

async function read(storage: Opened, path: string): Promise<string> {
  const fd = await storage.call("open", path, "rb");
  try {
    return await storage.download("file_read", fd, "image");
  } finally {
    await storage.call("file_close", fd);
  }
}

async function swap(root: string, outside: string): Promise<AsyncDisposable> {
  const program = new URL("swap_testing.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", program, root, outside],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value).trim(), "ready");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
