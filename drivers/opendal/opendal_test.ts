import assert from "node:assert/strict";
import { opendal } from "./manifest.ts";
import { file, open, type Opened, read } from "./testing.ts";

interface Folder extends AsyncDisposable {
  readonly path: string;
}

async function folder(): Promise<Folder> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "jmp-storage-" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

const fs = (root: string, more: Record<string, unknown> = {}) =>
  open(opendal, { scheme: "fs", kwargs: { root }, ...more });
const memory = () => open(opendal, { scheme: "memory", kwargs: {} });

async function write(storage: Opened, path: string, text: string): Promise<void> {
  const fd = await storage.call("open", path, "wb");
  await storage.upload(text, "file_write", fd, "image");
  await storage.call("file_close", fd);
}

Deno.test("fs and memory: files are written, read, measured and removed", async () => {
  await using place = await folder();
  for (const make of [() => fs(`${place.path}/new/root`), memory]) {
    await using storage = await make();
    await write(storage, "/dir//file.txt", "content");
    assert.equal(await read(storage, "dir/file.txt"), "content");
    assert.deepEqual(await storage.call("stat", "dir/file.txt"), file(7));
    assert.equal(
      await storage.call("hash", "dir/file.txt"),
      "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
    );
    assert.equal(
      await storage.call("hash", "dir/file.txt", "md5"),
      "9a0364b9e99bb480dd25e1f0284c8555",
    );
    assert.equal(await storage.call("exists", "dir/"), true);
    assert.equal(await storage.call("exists", "dir/file.txt/"), false);
    assert.equal(await storage.call("exists", "other"), false);
    assert.equal(await storage.call("exists", ""), true);
    await write(storage, "dir/file.txt", "");
    assert.equal(await read(storage, "dir/file.txt"), "");
    await storage.call("delete", "dir/file.txt");
    await storage.call("delete", "dir/file.txt");
    await assert.rejects(read(storage, "dir/file.txt"), /^StorageError: NotFound \(permanent\) at/);
  }
});

Deno.test("fs: copy, rename, create_dir and remove_all", async () => {
  await using place = await folder();
  await using storage = await fs(place.path);
  await write(storage, "a", "text");
  await storage.call("copy", "a", "deep/down/b");
  await storage.call("rename", "a", "deep/c");
  await storage.call("create_dir", "x/y/");
  await storage.call("create_dir", "x/y/");
  assert.deepEqual((await storage.entries("scan", "")).sort(), [
    "/",
    "deep/",
    "deep/c",
    "deep/down/",
    "deep/down/b",
    "x/",
    "x/y/",
  ]);
  assert.deepEqual((await storage.entries("list", "deep/")).sort(), [
    "deep/",
    "deep/c",
    "deep/down/",
  ]);
  assert.deepEqual(await storage.entries("list", "x"), ["x/"]);
  assert.deepEqual(await storage.entries("list", "nothing/"), []);
  await assert.rejects(storage.call("create_dir", "z"), /NotADirectory .* ends with a slash/);
  await assert.rejects(storage.call("copy", "deep/c", "deep/c"), /IsSameFile/);
  await assert.rejects(storage.call("copy", "x/", "z"), /IsADirectory/);
  await assert.rejects(storage.call("rename", "nothing", "z"), /NotFound/);
  await assert.rejects(storage.call("delete", "deep/"), /Unexpected \(temporary\) at delete/);
  await storage.call("remove_all", "deep");
  await storage.call("remove_all", "nothing");
  assert.deepEqual(await storage.entries("list", ""), ["/", "x/"]);
  await storage.call("remove_all", "/");
  assert.deepEqual(await storage.entries("list", ""), ["/"]);
  await assert.rejects(storage.call("delete", "/"), /the root of the storage cannot be removed/);
});

Deno.test("fs: nothing leads out of the root", async () => {
  await using place = await folder();
  const outside = `${place.path}/outside`;
  const root = `${place.path}/root`;
  await Deno.mkdir(root);
  await Deno.mkdir(outside);
  await Deno.writeTextFile(`${outside}/secret`, "secret");
  await Deno.symlink(outside, `${root}/folder`);
  await Deno.symlink(`${outside}/secret`, `${root}/file`);
  await Deno.symlink(`${outside}/new`, `${root}/dangling`);
  await Deno.symlink("/", `${root}/all`);
  await using storage = await fs(root);
  await write(storage, "own", "own");
  const paths = [
    "../outside/secret",
    "x/../../outside/secret",
    "folder/secret",
    "file",
    "dangling",
  ];
  for (const path of [...paths, "folder/new/deep", `all${outside}/secret`, ".."]) {
    const refused = (action: Promise<unknown>) =>
      assert.rejects(action, /PermissionDenied .* leads out of it/, path);
    await refused(storage.call("stat", path));
    await refused(storage.call("exists", path));
    await refused(storage.call("hash", path, "md5"));
    await refused(storage.call("open", path, "rb"));
    await refused(storage.call("open", path, "wb"));
    await refused(storage.call("copy", path, "copy"));
    await refused(storage.call("copy", "own", path));
    await refused(storage.call("create_dir", `${path}/`));
    await refused(storage.entries("list", `${path}/`));
    await refused(storage.entries("scan", `${path}/`));
  }
  for (const path of ["../outside/secret", "folder/secret", `all${outside}/secret`]) {
    await assert.rejects(storage.call("delete", path), /PermissionDenied/);
    await assert.rejects(storage.call("remove_all", path), /PermissionDenied/);
    await assert.rejects(storage.call("rename", path, "mine"), /PermissionDenied/);
    await assert.rejects(storage.call("rename", "own", path), /PermissionDenied/);
  }
  assert.equal(await storage.call("exists", outside), false);
  assert.equal(await storage.call("exists", "x/../own"), true);
  await storage.call("remove_all", "folder");
  await storage.call("remove_all", "/");
  assert.equal(await Deno.readTextFile(`${outside}/secret`), "secret");
  assert.deepEqual(await Array.fromAsync(Deno.readDir(outside), ({ name }) => name), ["secret"]);
});

Deno.test("fs: a link within the root is followed, and removed as a link", async () => {
  await using place = await folder();
  await using storage = await fs(place.path);
  await write(storage, "real/file", "text");
  await Deno.symlink("real", `${place.path}/link`);
  await Deno.symlink("real/file", `${place.path}/direct`);
  assert.equal(await read(storage, "link/file"), "text");
  assert.equal(await read(storage, "direct"), "text");
  await storage.call("remove_all", "link");
  await storage.call("delete", "direct");
  assert.equal(await read(storage, "real/file"), "text");
});

Deno.test("files: position, state and misuse", async () => {
  await using storage = await memory();
  const fd = await storage.call("open", "file", "wb");
  const state = async (fd: string) =>
    await Promise.all(
      ["closed", "readable", "seekable", "writable"].map((name) =>
        storage.call(`file_${name}`, fd)
      ),
    );
  assert.deepEqual(await state(fd as string), [false, false, false, true]);
  await assert.rejects(storage.call("file_tell", fd), /it was opened for writing/);
  await storage.upload("01234", "file_write", fd, "image");
  await storage.upload("56789", "file_write", fd, "image");
  await storage.call("file_close", fd);
  await storage.call("file_close", fd);
  assert.deepEqual(await state(fd as string), [true, false, false, false]);
  await assert.rejects(storage.upload("", "file_write", fd, "image"), /it was closed/);

  const reading = await storage.call("open", "file", "rb") as string;
  assert.deepEqual(await state(reading), [false, true, true, false]);
  const seek = (...args: number[]) => storage.call("file_seek", reading, ...args);
  assert.deepEqual(
    [await seek(3), await seek(2, 1), await seek(-2, 2), await seek(100), await seek(5, 0)],
    [3, 5, 8, 100, 5],
  );
  assert.equal(await storage.download("file_read", reading, "image"), "56789");
  assert.equal(await storage.call("file_tell", reading), 10);
  assert.equal(await storage.download("file_read", reading, "image"), "");
  await assert.rejects(seek(-11, 1), /-1 is before its beginning/);
  await assert.rejects(seek(0, 3), { name: "InvalidArgument" });
  await assert.rejects(seek(0.5), { name: "InvalidArgument" });
  await assert.rejects(
    storage.upload("", "file_write", reading, "image"),
    /it was opened for reading/,
  );
  await assert.rejects(storage.call("file_tell", "zz"), { name: "InvalidArgument" });
  await assert.rejects(
    storage.call("file_tell", "7faa74dd-8a6b-41f1-98fa-baa513eed216"),
    /UUID\('7faa74dd-8a6b-41f1-98fa-baa513eed216'\) names no file/,
  );
});

Deno.test("the paths that clients create are listed, and removed with the lease on request", async () => {
  await using place = await folder();
  await Deno.writeTextFile(`${place.path}/kept`, "kept");
  await Deno.writeTextFile(`${place.path}/registered`, "theirs");
  {
    await using storage = await fs(place.path, { remove_created_on_close: true });
    await write(storage, "a/b", "text");
    await storage.call("create_dir", "c/");
    await write(storage, "c/d", "text");
    await storage.call("copy", "c/d", "e");
    await storage.call("rename", "e", "f");
    await write(storage, "gone", "text");
    await storage.call("delete", "gone");
    await storage.call("register_path", "\\x/..\\registered/");
    await storage.call("register_path", ".");
    await storage.call("register_path", "../outside");
    assert.deepEqual(await storage.call("get_created_resources"), [
      "",
      "../outside",
      "a/b",
      "c",
      "c/d",
      "f",
      "registered",
    ]);
  }
  const left = Array.fromAsync(Deno.readDir(place.path), ({ name }) => name);
  assert.deepEqual((await left).sort(), ["a", "kept"]);
});

Deno.test("memory: no copy, no rename, no presign", async () => {
  await using storage = await memory();
  await write(storage, "a", "text");
  await assert.rejects(storage.call("copy", "a", "b"), /Unsupported \(permanent\) at copy/);
  await assert.rejects(storage.call("rename", "a", "b"), /Unsupported/);
  for (const operation of ["stat", "read", "write"]) {
    await assert.rejects(storage.call(`presign_${operation}`, "a", 10), /Unsupported/);
  }
});

Deno.test("the table of capabilities is complete", async () => {
  await using storage = await memory();
  const table = await storage.call("capability") as Record<string, unknown>;
  assert.equal(Object.keys(table).length, 33);
  assert.equal(table["list_with_recursive"], true);
  assert.equal(table["copy"], false);
  assert.equal(table["write_total_max_size"], null);
});

Deno.test("an unsupported scheme degrades the driver, a missing key is an error of the config", async () => {
  await assert.rejects(open(opendal, { scheme: "s3", kwargs: { bucket: "b" } }), {
    name: "NotSupported",
    message: /expected scheme fs, memory or http, found 's3'/,
  });
  for (const config of [{ scheme: "fs", kwargs: {} }, { scheme: "http", kwargs: { root: "/" } }]) {
    assert.equal(opendal.config.safeParse(config).success, false);
  }
  await using storage = await open(opendal, { scheme: "memory", kwargs: { root: "/a" } });
  assert.deepEqual(storage.logged, ["warning: kwargs.root has no effect for scheme 'memory'"]);
});

Deno.test("wrong arguments are the client's mistake", async () => {
  await using storage = await memory();
  const calls = [["stat"], ["stat", 1], ["stat", "a", "b"], ["hash", "a", "sha1"], ["copy", "a"]];
  for (const [method, ...args] of [...calls, ["open", "a", "ab"], ["presign_read", "a", "x"]]) {
    await assert.rejects(storage.call(method as string, ...args!), { name: "InvalidArgument" });
  }
  await assert.rejects(storage.entries("list"), {
    name: "DriverError",
    message: "argument 1: expected text, found nothing",
  });
});
