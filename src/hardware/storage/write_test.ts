import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { codecFor } from "../../codec/encoding.ts";
import { Code } from "../../wire/code.ts";
import { codeOf, InvalidArgument, Timeout } from "../../wire/error.ts";
import { readImage, writeImage } from "./mod.ts";
import { failure, faultyDevice, folder, inChunks, recorder, system } from "./testing.ts";

const { signal } = new AbortController();
const { log } = recorder();
const MIB = 1 << 20;

async function content(path: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readImage({ path, log, signal })));
}

for (const size of [0, 1, 511, 4096, MIB - 1, MIB, MIB + 1, 3 * MIB + 77]) {
  Deno.test(`writeImage() writes ${size} bytes to an empty file, and readImage() reads them`, async () => {
    await using temp = await folder();
    const path = join(temp.dir, "image");
    await Deno.writeFile(path, new Uint8Array());
    const image = randomBytes(size);
    const options = { path, log, signal, allowEmpty: true };
    const { bytes } = await writeImage(inChunks(image, 10_007), options);
    assert.equal(bytes, size);
    assert.equal(Buffer.compare(await content(path), image), 0);
  });
}

Deno.test("writeImage() refuses an empty image, and leaves the medium as it was", async () => {
  await using temp = await folder();
  const path = `${temp.dir}/card`;
  const before = randomBytes(100_000);
  await Deno.writeFile(path, before);
  const images = [inChunks(new Uint8Array()), inChunks(new Uint8Array(), 7), unpacked()];
  for (const image of images) {
    await assert.rejects(
      writeImage(image, { path, log, signal, emptyKey: "allow_empty" }),
      (error: Error) => {
        assert.equal(codeOf(error), Code.INVALID_ARGUMENT);
        assert.match(error.message, /^Cannot write to .*: expected an image, found an empty one/);
        assert.match(error.message, /or set 'allow_empty: true' if it is meant$/);
        return true;
      },
    );
  }
  assert.equal(Buffer.compare(await content(path), before), 0);

  /** What a client sends that compresses an empty file. */
  function unpacked() {
    return codecFor("gzip").decode(inChunks(gzipSync("")));
  }
});

Deno.test("writeImage() does not change the data after the image", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  const before = randomBytes(3 * MIB);
  await Deno.writeFile(path, before);
  const image = randomBytes(MIB + 5);
  await writeImage(inChunks(image), { path, log, signal });
  const expected = Buffer.concat([image, before.subarray(image.length)]);
  assert.equal(Buffer.compare(await content(path), expected), 0);
});

Deno.test("writeImage() writes zeros as holes, over old content and after the end", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, randomBytes(4 * MIB));
  const image = new Uint8Array(9 * MIB);
  image.set(randomBytes(100), 2 * MIB);
  const { zeros } = await writeImage(inChunks(image), { path, log, signal, verify: true });
  assert.equal(zeros, 8 * MIB);
  assert.equal(Buffer.compare(await content(path), image), 0);
  const { blocks } = await Deno.stat(path);
  assert.ok(blocks! * 512 <= MIB, `${blocks} blocks are in use`);
});

Deno.test("writeImage() writes zeros that end within a block", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, randomBytes(2 * MIB));
  const image = new Uint8Array(MIB + 10);
  await writeImage(inChunks(image), { path, log, signal });
  const found = await content(path);
  assert.equal(Buffer.compare(found.subarray(0, image.length), image), 0);
  assert.equal(found.length, 2 * MIB);
});

Deno.test("writeImage() reports a missing path after its time limit", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "missing");
  const writing = writeImage(inChunks(randomBytes(10)), { path, log, signal, waitMs: 300 });
  await assert.rejects(writing, (error: Error) => {
    assert.ok(error instanceof Timeout);
    assert.match(error.message, /missing: expected a medium within 0.3 s, found nothing at this/);
    return true;
  });
});

Deno.test("writeImage() waits for a medium that appears", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "late");
  const { log, lines } = recorder();
  const writing = writeImage(inChunks(randomBytes(10)), { path, log, signal, waitMs: 60_000 });
  while (!lines.some((line) => line.startsWith("waiting for"))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await Deno.writeFile(path, new Uint8Array());
  assert.equal((await writing).bytes, 10);
});

Deno.test("writeImage() refuses a folder", async () => {
  await using temp = await folder();
  const writing = writeImage(inChunks(randomBytes(10)), { path: temp.dir, log, signal });
  await assert.rejects(writing, InvalidArgument);
});

Deno.test("writeImage() refuses a regular file in /dev", async () => {
  const path = "/dev/jmp-storage-test";
  await Deno.writeFile(path, randomBytes(10));
  try {
    const writing = writeImage(inChunks(randomBytes(10)), { path, log, signal });
    await assert.rejects(writing, /a plain file among the devices; remove it/);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("writeImage() refuses a file that another transfer writes", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const held = async function* () {
    started.resolve();
    await go.promise;
    yield randomBytes(10);
  };
  const first = writeImage(held(), { path, log, signal });
  await started.promise;
  const second = writeImage(inChunks(randomBytes(10)), { path, log, signal, busyMs: 300 });
  await assert.rejects(second, /found it held by another transfer/);
  go.resolve();
  await first;
  await writeImage(inChunks(randomBytes(10)), { path, log, signal });
});

Deno.test("writeImage() reports a missing permission", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array(10), { mode: 0o444 });
  const module = new URL("mod.ts", import.meta.url).href;
  const script = `import { writeImage } from "${module}";
    const say = () => {};
    const log = { debug: say, info: say, warning: say, error: say };
    const { signal } = new AbortController();
    const image = (async function* () { yield new Uint8Array(10); })();
    await writeImage(image, { path: "${path}", log, signal })
      .then(() => console.log("written"), (error) => console.log(error.message));`;
  await Deno.writeTextFile(join(temp.dir, "script.ts"), script);
  // Root may write everything, unless it has given up just that.
  const drop = "--bounding-set=-dac_override";
  const run = ["run", "-A", "--no-check", join(temp.dir, "script.ts")];
  const config = ["--config", new URL("../../../deno.json", import.meta.url).pathname];
  const said = await system("setpriv", drop, Deno.execPath(), run[0]!, ...config, ...run.slice(1));
  assert.match(said, /image: expected permission for user 0, found none \(EACCES\)/);
});

/** An image that does not end by itself. */
async function* slowly(signal: AbortSignal, told?: () => void): AsyncGenerator<Uint8Array> {
  for (let count = 0; !signal.aborted; count++) {
    yield randomBytes(MIB);
    if (count === 80) told?.();
    if (count > 80) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("writeImage() ends when it is cancelled, and reports the number of bytes written", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const stop = new AbortController();
  const far = Promise.withResolvers<void>();
  const image = slowly(signal, far.resolve);
  const writing = failure(writeImage(image, { path, log, signal: stop.signal }));
  await far.promise;
  stop.abort(new Error("the client has left"));
  const { code, message, bytes } = await writing;
  assert.equal(code, Code.CANCELLED);
  assert.match(message, /image after \d+\.\d MB: it was cancelled: the client has left; it does/);
  assert.ok(bytes >= 32 * MIB && bytes <= 90 * MIB, String(bytes));
  assert.equal((await image.next()).done, true);
});

Deno.test("writeImage() can be cancelled while it waits for the image", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const stop = new AbortController();
  const silent = async function* () {
    yield randomBytes(10);
    stop.abort();
    await new Promise(() => {});
  };
  const { code } = await failure(writeImage(silent(), { path, log, signal: stop.signal }));
  assert.equal(code, Code.CANCELLED);
});

Deno.test("writeImage() reports an error of the image with the code of that error", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const broken = async function* () {
    yield randomBytes(10);
    throw new InvalidArgument("this is no gzip");
  };
  const { code, message } = await failure(writeImage(broken(), { path, log, signal }));
  assert.equal(code, Code.INVALID_ARGUMENT);
  assert.match(message, /expected the rest of the image, found an error of it: this is no gzip/);
});

Deno.test("writeImage() logs its progress and the remaining time", async () => {
  await using temp = await folder();
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const { log, lines } = recorder();
  const told = Promise.withResolvers<void>();
  const image = async function* () {
    yield randomBytes(40 * MIB);
    // The window before is stored by now, and the image has more to come.
    while (!lines.some((line) => line.includes("remaining"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    told.resolve();
    yield randomBytes(10 * MIB);
  };
  await writeImage(image(), { path, log, signal, size: 50 * MIB, progressMs: 50 });
  await told.promise;
  const text = lines.join("\n");
  assert.match(text, /written to \S+: 33\.6 MB of 52\.4 MB, \d+\.\d MB\/s, \d+ s remaining/);
  assert.match(text, /written to \S+: 33\.6 MB of 52\.4 MB, waiting until all of it is stored/);
  assert.match(text, /written to \S+: 52\.4 MB in \d+\.\d s, \d+\.\d MB\/s/);
});

Deno.test("writeImage() reports a full file system", async () => {
  await using temp = await folder();
  await using undo = new AsyncDisposableStack();
  await system("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", temp.dir);
  undo.defer(async () => void await system("umount", temp.dir));
  const path = join(temp.dir, "image");
  await Deno.writeFile(path, new Uint8Array());
  const { message } = await failure(
    writeImage(inChunks(randomBytes(8 * MIB)), { path, log, signal }),
  );
  assert.match(message, /expected room for the whole image, found the file system full \(ENOSPC\)/);
});

Deno.test("writeImage() detects data that the medium stored wrongly, if it verifies", async () => {
  await using device = await faultyDevice(64 * MIB);
  const { path } = device;
  const image = randomBytes(40 * MIB);
  const { sha256 } = await writeImage(inChunks(image), { path, log, signal, verify: true });
  assert.match(sha256!, /^[0-9a-f]{64}$/);
  await device.tell(`corrupt ${20 * MIB}`);
  await writeImage(inChunks(image), { path, log, signal });
  const { code, message, bytes } = await failure(
    writeImage(inChunks(image), { path, log, signal, verify: true }),
  );
  assert.equal(code, Code.DATA_LOSS);
  assert.equal(bytes, 16 * MIB);
  assert.match(message, /found a difference after 16\.8 MB/);
});
