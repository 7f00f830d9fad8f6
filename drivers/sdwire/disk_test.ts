import assert from "node:assert/strict";
import { HardwareProblem, Timeout } from "../../src/driver/mod.ts";
import { findDisk, waitForDisk } from "./disk.ts";
import type { Model, SdWire } from "./find.ts";

/** A hub with a switch at its second port; `add` connects a reader with a disk to another one. */
async function hub() {
  const root = await Deno.makeTempDir({ prefix: "jmp-hub-" });
  const sysfs = `${root}/1-1/1-1.2`;
  await Deno.mkdir(`${sysfs}/1-1.2:1.0`, { recursive: true });
  const sdWire = (model: Model = "ftdi"): SdWire => ({
    device: {
      path: "1-1.2",
      vendorId: 0x04e8,
      productId: 0x6001,
      bus: 1,
      address: 3,
      node: "/dev/bus/usb/001/003",
      sysfs,
    },
    model,
  });
  const add = async (port: string, name: string, blocks: number, lun = 0) => {
    const disk = `${root}/1-1/${port}/${port}:1.0/host0/target0:0:0/0:0:0:${lun}/block/${name}`;
    await Deno.mkdir(`${disk}/${name}1`, { recursive: true });
    await Deno.writeTextFile(`${disk}/size`, `${blocks}\n`);
  };
  return { sdWire, add, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

Deno.test("findDisk() finds the disk of the reader on the same hub", async () => {
  await using site = await hub();
  assert.equal(await findDisk(site.sdWire()), undefined);
  await site.add("1-1.1", "sdb", 0);
  assert.equal(await findDisk(site.sdWire()), "/dev/sdb");
});

Deno.test("findDisk() prefers the slot with a card", async () => {
  await using site = await hub();
  await site.add("1-1.1", "sdb", 0, 0);
  await site.add("1-1.1", "sdc", 131072, 1);
  assert.equal(await findDisk(site.sdWire()), "/dev/sdc");
});

Deno.test("findDisk() does not choose between readers, because the other disk may hold anything", async () => {
  await using site = await hub();
  await site.add("1-1.1", "sdb", 131072);
  await site.add("1-1.3", "sdc", 131072);
  await assert.rejects(findDisk(site.sdWire()), (error) => {
    assert.ok(error instanceof HardwareProblem);
    assert.deepEqual(error.candidates, ["/dev/sdb at 1-1.1", "/dev/sdc at 1-1.3"]);
    assert.match(error.message, /name it by 'storage_device'/);
    return true;
  });
});

Deno.test("findDisk() searches below the device itself if the reader is the switch", async () => {
  await using site = await hub();
  await site.add("1-1.1", "sdb", 131072);
  assert.equal(await findDisk(site.sdWire("realtek")), undefined);
});

Deno.test("waitForDisk() finds a disk that appears late, and reports one that never appears", async () => {
  await using site = await hub();
  const { signal } = new AbortController();
  const waiting = waitForDisk(site.sdWire(), 60_000, signal);
  await site.add("1-1.1", "sdb", 131072);
  assert.equal(await waiting, "/dev/sdb");
  await using empty = await hub();
  const error = await waitForDisk(empty.sdWire(), 0, signal).catch((error) => error);
  assert.ok(error instanceof Timeout);
  assert.match(error.message, /expected a disk on the same hub within 0 s, found none/);
});
