import assert from "node:assert/strict";
import { constants } from "node:os";
import {
  checkAccess,
  closeDevice,
  closeNow,
  lock,
  openDevice,
  openNow,
  tryRead,
  tryWrite,
} from "./descriptors.ts";
import { OPEN } from "./files.ts";
import { openPty } from "./pty.ts";
import "./testing.ts";

const FLAGS = OPEN.RDWR | OPEN.NOCTTY | OPEN.NONBLOCK | OPEN.CLOEXEC;

Deno.test("openDevice() opens on the thread pool, and throws the error code if that fails", async () => {
  await closeDevice(await openDevice("/dev/null", FLAGS));
  await assert.rejects(openDevice("/dev/none", FLAGS), { code: "ENOENT" });
  assert.throws(() => checkAccess("/dev/none"), { code: "ENOENT" });
  checkAccess("/dev/null");
});

Deno.test("tryRead() and tryWrite() transfer available bytes, or return a negative errno", async () => {
  const { fd, path } = openPty();
  const other = await openDevice(path, FLAGS);
  const buffer = new Uint8Array(16);
  assert.equal(tryRead(other, buffer), -constants.errno.EAGAIN);
  assert.equal(tryWrite(fd, new TextEncoder().encode("line\n")), 5);
  assert.equal(tryRead(other, buffer), 5);
  assert.equal(new TextDecoder().decode(buffer.subarray(0, 5)), "line\n");
  closeNow(other);
  closeNow(fd);
});

Deno.test("lock() fails if another descriptor holds the lock", async () => {
  const path = await Deno.makeTempFile();
  const [first, second] = [openNow(path, OPEN.RDWR), openNow(path, OPEN.RDWR)];
  lock(first);
  assert.throws(() => lock(second), { code: "EAGAIN" });
  closeNow(first);
  lock(second);
  closeNow(second);
  await Deno.remove(path);
});
