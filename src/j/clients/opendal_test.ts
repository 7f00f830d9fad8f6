/** Storages with an exporter of ours: what their commands do and print. */
import assert from "node:assert/strict";
import { testFolder } from "../../files/testing.ts";
import { serve, type Served } from "../testing.ts";

/** Runs `use` with an empty storage on a disk. */
async function withStorage(use: (served: Served) => Promise<void>): Promise<void> {
  await using folder = await testFolder();
  await using served = await serve({
    storage: {
      type: "jumpstarter_driver_opendal.driver.Opendal",
      config: { scheme: "fs", kwargs: { root: folder.path } },
    },
  });
  await use(served);
}

const NOTHING = { code: 0, out: "", err: "" };

Deno.test("j storage writes and reads files, and changes their tree", async () => {
  const file = await Deno.makeTempFile({ prefix: "jmp-opendal-" });
  try {
    await withStorage(async ({ j }) => {
      const storage = (...args: string[]) => j(["storage", ...args]);
      const input = ReadableStream.from([new TextEncoder().encode("hello")]);
      assert.deepEqual(await j(["storage", "write-bytes", "a/b"], { input }), NOTHING);
      assert.deepEqual(await storage("read-bytes", "a/b"), { ...NOTHING, out: "hello" });
      await storage("read-into-path", "a/b", file);
      assert.equal(await Deno.readTextFile(file), "hello");
      await Deno.writeTextFile(file, "from a file");
      assert.deepEqual(await storage("write-from-path", "c", file), NOTHING);
      assert.deepEqual(await storage("copy", "c", "d"), NOTHING);
      assert.deepEqual(await storage("rename", "d", "e"), NOTHING);
      assert.deepEqual(await storage("create-dir", "f/"), NOTHING);
      assert.deepEqual(await storage("delete", "c"), NOTHING);
      const entries = (await storage("scan", "/")).out.trimEnd().split("\n").sort();
      assert.deepEqual(entries, ["/", "a/", "a/b", "e", "f/"]);
      assert.deepEqual((await storage("list", "a/")).out, "a/\na/b\n");
      assert.deepEqual(await storage("remove-all", "a/"), NOTHING);
      assert.deepEqual(await storage("exists", "e"), NOTHING);
      assert.deepEqual(await storage("exists", "a/b"), {
        code: 1,
        out: "",
        err: "Error: path a/b does not exist\n",
      });
    });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("j storage prints what the models of the official client print", async () => {
  await withStorage(async ({ j }) => {
    const storage = (...args: string[]) => j(["storage", ...args]);
    const input = ReadableStream.from([new TextEncoder().encode("hello")]);
    await j(["storage", "write-bytes", "a"], { input });
    assert.equal(
      (await storage("stat", "a")).out,
      `{
  "content_disposition": null,
  "content_length": 5,
  "content_md5": null,
  "content_type": null,
  "etag": null,
  "mode": {
    "is_file": true,
    "is_dir": false
  }
}
`,
    );
    const md5 = "5d41402abc4b2a76b9719d911017c592\n";
    const sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n";
    assert.deepEqual(await storage("hash", "a", "--algo", "md5"), { ...NOTHING, out: md5 });
    assert.deepEqual(await storage("hash", "a"), { ...NOTHING, out: sha256 });
    const { out } = await storage("capability");
    assert.match(out, /^\{\n {2}"stat": true,\n {2}"stat_with_if_match": false,\n[^]*true\n\}\n$/);
    assert.equal(Object.keys(JSON.parse(out)).length, 33);
    const json = (await j(["--json", "storage", "stat", "a"])).out;
    assert.match(json, /^\{"content_disposition":null,.*\}\n$/);
  });
});

Deno.test("j storage names what is wrong, and makes no file for a path that is not there", async () => {
  await withStorage(async ({ j }) => {
    const local = `/tmp/jmp-never-${crypto.randomUUID()}`;
    const { code, err } = await j(["storage", "read-into-path", "nope", local]);
    assert.equal(code, 1);
    assert.match(err, /^Error: NotFound [^\n]*\n$/);
    await assert.rejects(Deno.stat(local), Deno.errors.NotFound);
    const presign = await j(["storage", "presign-read", "a", "--expire-second", "60"]);
    assert.match(presign.err, /^Error: Unsupported [^\n]*\n$/);
    assert.match(
      (await j(["storage", "presign-read", "a"])).err,
      /Missing option '--expire-second'/,
    );
  });
});
