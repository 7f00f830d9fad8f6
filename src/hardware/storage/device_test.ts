/** The writer on real block devices, and on such that fail. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Code } from "../../wire/code.ts";
import { Timeout } from "../../wire/error.ts";
import { readImage, writeImage } from "./mod.ts";
import {
  failure,
  type FaultyDevice,
  faultyDevice,
  folder,
  inChunks,
  loopDevice,
  recorder,
  system,
} from "./testing.ts";

const { signal } = new AbortController();
const { log } = recorder();
const MIB = 1 << 20;
const image = randomBytes(3 * MIB + 77);

async function content(path: string, length: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readImage({ path, log, signal, length })));
}

/** A file system that is mounted to be written changes by itself, seconds later. */
const READ_ONLY = ["-o", "ro"];

async function refused(path: string, pattern: RegExp): Promise<void> {
  const before = await content(path, MIB);
  const { message } = await failure(writeImage(inChunks(image), { path, log, signal }));
  assert.match(message, pattern);
  assert.equal(Buffer.compare(await content(path, MIB), before), 0, "it was written to");
}

Deno.test("writeImage() writes to a block device, and readImage() reads all of it", async () => {
  await using device = await loopDevice(8 * MIB);
  const { path, file } = device;
  const before = randomBytes(8 * MIB);
  await Deno.writeFile(file, before);
  await writeImage(inChunks(image), { path, log, signal, verify: true });
  const expected = Buffer.concat([image, before.subarray(image.length)]);
  assert.equal(Buffer.compare(await content(path, Infinity), expected), 0);
  assert.equal(Buffer.compare(await Deno.readFile(file), expected), 0);
});

Deno.test("writeImage() lets a device write zeros by itself", async () => {
  await using device = await loopDevice(8 * MIB);
  const { path, file } = device;
  await Deno.writeFile(file, randomBytes(8 * MIB));
  const sparse = new Uint8Array(8 * MIB);
  sparse.set(image.subarray(0, MIB), 5 * MIB);
  const { zeros } = await writeImage(inChunks(sparse), { path, log, signal, verify: true });
  assert.equal(zeros, 7 * MIB);
  assert.equal(Buffer.compare(await Deno.readFile(file), sparse), 0);
});

Deno.test("writeImage() refuses an image that is too large, before writing", async () => {
  await using device = await loopDevice(MIB);
  const { path } = device;
  const size = image.length;
  const { message } = await failure(writeImage(inChunks(image), { path, log, signal, size }));
  assert.match(message, /image of at most 1048576 bytes \(1\.0 MB\), found one of 3145805 bytes/);
  assert.equal(Buffer.compare(await content(path, MIB), new Uint8Array(MIB)), 0);
});

Deno.test("writeImage() reports a full device", async () => {
  await using device = await loopDevice(MIB);
  const { path } = device;
  const { message } = await failure(writeImage(inChunks(image), { path, log, signal }));
  assert.match(message, /expected an image of at most 1048576 bytes \(1\.0 MB\), found a larger/);
});

Deno.test("writeImage() fills a device to its last byte", async () => {
  await using device = await loopDevice(2 * MIB + 512);
  const { path } = device;
  const whole = randomBytes(2 * MIB + 512);
  await writeImage(inChunks(whole), { path, log, signal, verify: true });
  assert.equal(Buffer.compare(await content(path, Infinity), whole), 0);
});

Deno.test("writeImage() refuses a mounted device", async () => {
  await using temp = await folder();
  await using device = await loopDevice(8 * MIB);
  await using undo = new AsyncDisposableStack();
  await system("mkfs.ext4", "-q", device.path);
  await system("mount", ...READ_ONLY, device.path, temp.dir);
  undo.defer(async () => void await system("umount", temp.dir));
  await refused(device.path, new RegExp(`nobody uses, found it mounted at ${temp.dir} \\(loop\\d`));
});

Deno.test("writeImage() refuses a disk of which a partition is mounted, and the partition", async () => {
  await using temp = await folder();
  await using device = await loopDevice(16 * MIB, "--partscan");
  await using undo = new AsyncDisposableStack();
  await system("addpart", device.path, "1", "2048", "16384");
  const partition = `${device.path}p1`;
  await system("mkfs.ext4", "-q", partition);
  await system("mount", ...READ_ONLY, partition, temp.dir);
  undo.defer(async () => void await system("umount", temp.dir));
  const mounted = new RegExp(`found it mounted at ${temp.dir} \\(loop\\d+p1\\)`);
  await refused(device.path, mounted);
  await refused(partition, mounted);
});

Deno.test("writeImage() refuses a device that is swap", async () => {
  await using device = await loopDevice(8 * MIB);
  await using undo = new AsyncDisposableStack();
  await system("mkswap", device.path);
  await system("swapon", device.path);
  undo.defer(async () => void await system("swapoff", device.path));
  await refused(device.path, /found it used as swap \(loop\d+\)/);
});

Deno.test("writeImage() refuses a device that is mounted in another mount namespace", async () => {
  await using temp = await folder();
  await using device = await loopDevice(8 * MIB);
  const { path } = device;
  await system("mkfs.ext4", "-q", path);
  const elsewhere = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", 'mount "$0" "$1" && echo mounted && exec cat', path, temp.dir],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = elsewhere.stdout.getReader();
  assert.equal(new TextDecoder().decode((await output.read()).value), "mounted\n");
  const writing = writeImage(inChunks(image), { path, log, signal, busyMs: 300 });
  await assert.rejects(writing, /or mounted in another mount namespace/);
  await elsewhere.stdin.close();
  await output.cancel();
  await elsewhere.status;
  await writeImage(inChunks(image), { path, log, signal });
});

Deno.test("writeImage() prevents other processes from mounting or writing the device", async () => {
  await using temp = await folder();
  await using device = await loopDevice(8 * MIB);
  const { path } = device;
  await system("mkfs.ext4", "-q", path);
  const go = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const held = async function* () {
    started.resolve();
    await go.promise;
    yield image;
  };
  const writing = writeImage(held(), { path, log, signal });
  await started.promise;
  await assert.rejects(system("mount", path, temp.dir), /already mounted|busy/);
  const second = writeImage(inChunks(image), { path, log, signal, busyMs: 300 });
  await assert.rejects(second, /found it held by another transfer/);
  go.resolve();
  await writing;
  assert.equal(Buffer.compare(await content(path, image.length), image), 0);
});

Deno.test("writeImage() refuses a read-only device", async () => {
  await using temp = await folder();
  const file = `${temp.dir}/disk`;
  await Deno.writeFile(file, new Uint8Array(MIB));
  await using device = await loopDevice({ file }, "--read-only");
  await refused(device.path, /found it read-only or protected \(EROFS\); move the write-protect/);
});

Deno.test("writeImage() waits for the medium of a device", async () => {
  await using device = await loopDevice(0);
  const { path } = device;
  const none = writeImage(inChunks(image), { path, log, signal, waitMs: 300 });
  await assert.rejects(none, (error: Error) => {
    assert.match(error.message, /within 0\.3 s, found a device without a medium/);
    return error instanceof Timeout;
  });
  const writing = writeImage(inChunks(image), { path, log, signal, waitMs: 60_000 });
  await device.resize(8 * MIB);
  assert.equal((await writing).bytes, image.length);
});

Deno.test("writeImage() reports that the medium was removed", async () => {
  await using device = await loopDevice(96 * MIB);
  const { path } = device;
  const pulled = async function* () {
    yield* inChunks(randomBytes(MIB));
    await device.resize(0);
    yield* inChunks(randomBytes(90 * MIB));
  };
  const { message } = await failure(writeImage(pulled(), { path, log, signal }));
  assert.match(message, /expected the device to stay, found it gone \(E[A-Z]+\); check its plug/);
  await device.resize(96 * MIB);
  await writeImage(inChunks(image), { path, log, signal, verify: true });
});

/** Writes to it until that works again: a call that was given up ends after the fault. */
async function worksAgain({ path }: FaultyDevice): Promise<void> {
  await writeImage(inChunks(image), { path, log, signal, verify: true });
}

Deno.test("writeImage() reports a device error and the number of bytes written", async () => {
  await using device = await faultyDevice(96 * MIB);
  const { path } = device;
  await device.tell(`write EIO ${70 * MIB}`);
  const large = randomBytes(90 * MIB);
  const { message, bytes, code } = await failure(
    writeImage(inChunks(large), { path, log, signal }),
  );
  assert.match(message, /after \d\d\.\d MB: expected the device to take its data, .* \(EIO\); see/);
  // What is stored is known for whole windows; the third one fails, or already the wait for the second.
  assert.ok(bytes === 32 * MIB || bytes === 64 * MIB, String(bytes));
  assert.equal(code, Code.INTERNAL);
  await device.tell("clear");
  await worksAgain(device);
});

Deno.test("writeImage() reports a device error while it waits for the image", async () => {
  await using device = await faultyDevice(96 * MIB);
  const { path } = device;
  await device.tell("write EIO 0");
  const silent = async function* () {
    yield randomBytes(40 * MIB);
    await new Promise(() => {});
  };
  const { message } = await failure(writeImage(silent(), { path, log, signal }));
  assert.match(message, /found an error of it \(EIO\)/);
});

Deno.test("writeImage() reports a failed flush", async () => {
  await using device = await faultyDevice(8 * MIB);
  const { path } = device;
  await device.tell("fsync EIO");
  const { message } = await failure(writeImage(inChunks(image), { path, log, signal }));
  assert.match(message, /found an error of it \(EIO\).*; it does not hold the whole image now/);
});

Deno.test("writeImage() waits for a slow flush up to its limit", async () => {
  await using device = await faultyDevice(8 * MIB);
  const { path } = device;
  const { log, lines } = recorder();
  await device.tell("fsync-delay 1");
  await writeImage(inChunks(image), { path, log, signal, progressMs: 100 });
  const waiting = lines.filter((line) => line.includes("waiting until all of it is stored"));
  assert.ok(waiting.length > 1, lines.join("\n"));
  await device.tell("fsync-delay 3");
  const { code, message } = await failure(
    writeImage(inChunks(image), { path, log, signal, syncMs: 200 }),
  );
  assert.equal(code, Code.DEADLINE_EXCEEDED);
  assert.match(message, /expected an answer of the device within 0\.2 s, found none/);
  await device.tell("clear");
  await worksAgain(device);
});

Deno.test("writeImage() abandons a device that does not respond, without blocking others", async () => {
  await using device = await faultyDevice(96 * MIB);
  const { path } = device;
  const { log, lines } = recorder();
  await device.tell(`stall ${8 * MIB}`);
  let turns = 0;
  const turning = setInterval(() => turns++, 10);
  const large = randomBytes(90 * MIB);
  const { message } = await failure(
    writeImage(inChunks(large), { path, log, signal, stallMs: 1_000 }),
  );
  clearInterval(turning);
  assert.match(message, /expected an answer of the device within 1 s, found none/);
  assert.ok(turns > 10, `${turns} turns of the event loop`);
  assert.match(lines.at(-1)!, /does not answer: it stays claimed until the kernel has given up/);
  await device.tell("clear");
  await worksAgain(device);
});

Deno.test("writeImage() can be cancelled while the device does not respond", async () => {
  await using device = await faultyDevice(96 * MIB);
  const { path } = device;
  await device.tell("stall 0");
  const stop = new AbortController();
  const writing = failure(
    writeImage(inChunks(randomBytes(90 * MIB)), { path, log, signal: stop.signal }),
  );
  setTimeout(() => stop.abort(), 300);
  assert.equal((await writing).code, Code.CANCELLED);
  await device.tell("clear");
  await worksAgain(device);
});

Deno.test("writeImage() reports a device that has gone offline", async () => {
  await using device = await faultyDevice(96 * MIB);
  const { path } = device;
  const dying = async function* () {
    yield* inChunks(randomBytes(8 * MIB));
    await device.kill();
    yield* inChunks(randomBytes(80 * MIB));
  };
  const { message } = await failure(writeImage(dying(), { path, log, signal }));
  assert.match(message, /expected the device to take its data, found an error of it \(EIO\)/);
});

Deno.test("readImage() reports a device error and the number of bytes read", async () => {
  await using device = await faultyDevice(8 * MIB);
  const { path } = device;
  await device.tell(`read EIO ${4 * MIB}`);
  const { message, bytes } = await failure(content(path, Infinity));
  assert.match(message, /^Cannot read \S+ after \d\.\d MB: expected the device to give its data/);
  assert.ok(bytes <= 4 * MIB);
  await device.tell("clear");
  assert.equal((await content(path, Infinity)).length, 8 * MIB);
});

Deno.test("readImage() ends when it is cancelled, or its consumer stops reading", async () => {
  await using device = await loopDevice(8 * MIB);
  const { path } = device;
  for await (const _ of readImage({ path, log, signal })) break;
  const stop = new AbortController();
  const reading = async () => {
    for await (const _ of readImage({ path, log, signal: stop.signal })) stop.abort();
  };
  assert.equal((await failure(reading())).code, Code.CANCELLED);
});

Deno.test("readImage() reports a device without a medium", async () => {
  await using device = await loopDevice(0);
  const reading = Array.fromAsync(readImage({ path: device.path, log, signal, waitMs: 300 }));
  await assert.rejects(
    reading,
    /Cannot read \S+: expected a medium within 0\.3 s, found a device w/,
  );
});
