/** Files as ends of transfers: contents, errors, and what a failure leaves. */
import assert from "node:assert/strict";
import { withFolder } from "../files/testing.ts";
import { FileSink, FileSource } from "./file.ts";

async function* chunks(...texts: string[]) {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text));
}

Deno.test("FileSource reads a file of many chunks, and knows its size", async () => {
  await withFolder(async (folder) => {
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    const image = new Uint8Array(60_000 * 30 + 1);
    for (let at = 0; at < 60_000 * 30; at += content.length) image.set(content, at);
    await Deno.writeFile(`${folder}/image`, image);
    using source = await FileSource.open(`${folder}/image`);
    assert.equal(source.size, image.length);
    const read = await Array.fromAsync(source);
    assert.ok(read.length > 1);
    assert.deepEqual(await new Blob(read as BlobPart[]).bytes(), image);
  });
});

Deno.test("FileSource tells that a file became shorter, but trusts the sizes of the kernel", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/image`;
    await Deno.writeFile(path, new Uint8Array(4_000_000));
    using source = await FileSource.open(path);
    const reading = (async () => {
      for await (const _ of source) await Deno.truncate(path, 1000);
    })();
    await assert.rejects(
      reading,
      /image: it has become shorter: \d+ of 4000000 bytes could be read/,
    );
  });
  using attribute = await FileSource.open("/sys/kernel/mm/transparent_hugepage/enabled");
  assert.ok((await Array.fromAsync(attribute)).length > 0);
});

Deno.test("FileSource can be closed while it reads ahead", async () => {
  using source = await FileSource.open("/dev/zero");
  assert.equal(source.size, undefined);
  for await (const _ of source) break;
});

Deno.test("FileSource and FileSink name what is wrong with a file", async () => {
  const found = "No such file or directory";
  await assert.rejects(FileSource.open("/nope/x"), { message: `cannot read /nope/x: ${found}` });
  await assert.rejects(FileSource.open("/etc"), { message: "cannot read /etc: Is a directory" });
  await assert.rejects(FileSink.open("/proc/no/x"), {
    message: `cannot write /proc/no/x: ${found}`,
  });
  await assert.rejects(FileSink.open("/etc/passwd/x"), {
    message: "cannot write /etc/passwd/x: Not a directory",
  });
  await assert.rejects(FileSink.open("/etc"), { message: "cannot write /etc: Is a directory" });
  using full = await FileSink.open("/dev/full");
  await assert.rejects(full.write(chunks("x")), {
    message: "cannot write /dev/full: No space left on device",
  });
  assert.ok(!full.isPartial);
});

Deno.test("FileSink replaces a file, also by nothing, but not before it has bytes", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/dump`;
    await Deno.writeTextFile(path, "something longer from before");
    {
      using refused = await FileSink.open(path);
      assert.ok(!refused.isPartial);
    }
    assert.equal(await Deno.readTextFile(path), "something longer from before");
    {
      using sink = await FileSink.open(path);
      await sink.write(chunks("new ", "content"));
      assert.ok(sink.isPartial);
      await sink.complete();
    }
    assert.equal(await Deno.readTextFile(path), "new content");
    {
      using sink = await FileSink.open(path);
      await sink.complete();
    }
    assert.equal(await Deno.readTextFile(path), "");
  });
});

Deno.test("FileSink makes the folders to a file", async () => {
  await withFolder(async (folder) => {
    using sink = await FileSink.open(`${folder}/a/b/dump`);
    await sink.write(chunks("deep"));
    assert.equal(await Deno.readTextFile(`${folder}/a/b/dump`), "deep");
  });
});

Deno.test("FileSink removes a file that it made for nothing, and follows a link to nothing", async () => {
  await withFolder(async (folder) => {
    {
      using _sink = await FileSink.open(`${folder}/dump`);
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
    await Deno.symlink("target", `${folder}/link`);
    {
      using sink = await FileSink.open(`${folder}/link`);
      await sink.write(chunks("through it"));
    }
    assert.equal(await Deno.readTextFile(`${folder}/target`), "through it");
  });
});
