import assert from "node:assert/strict";
import { OPEN, openAt, openAtOnPool, openBeneath } from "./files.ts";
import "./testing.ts";

Deno.test("openAt() returns a descriptor that describes the file and outlives its name", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/a`, "text", { mode: 0o640 });
  {
    using folder = openAt(undefined, dir, OPEN.PATH | OPEN.DIRECTORY);
    using file = await openAtOnPool(folder, "a", OPEN.RDONLY | OPEN.NOFOLLOW);
    const { ino, dev, uid, gid } = await Deno.stat(`${dir}/a`);
    const { identity, ...info } = file.info();
    assert.deepEqual(info, { type: "file", uid, gid, mode: 0o640 & ~Deno.umask(), size: 4 });
    assert.equal(identity.split(":")[2], String(ino));
    assert.ok(dev > 0);
    await Deno.remove(dir, { recursive: true });
    assert.equal(await Deno.readTextFile(file.path), "text");
    await assert.rejects(openAtOnPool(folder, "a", OPEN.RDONLY), { code: "ENOENT" });
  }
  assert.throws(() => openAt(undefined, "/dev/null\0x", OPEN.RDONLY), { code: "EINVAL" });
});

Deno.test("openAt() distinguishes a link from its target", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.symlink("/dev/null", `${dir}/link`);
  {
    using link = openAt(undefined, `${dir}/link`, OPEN.PATH | OPEN.NOFOLLOW);
    using device = openAt(undefined, `${dir}/link`, OPEN.PATH);
    assert.equal(link.info().type, "link");
    assert.equal(device.info().type, "device");
  }
  assert.throws(() => openAt(undefined, `${dir}/link`, OPEN.RDONLY | OPEN.NOFOLLOW), {
    code: "ELOOP",
  });
  await Deno.remove(dir, { recursive: true });
});

Deno.test("openBeneath() opens a path below a folder, unless it contains a link or leaves the folder", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/a/b`, { recursive: true });
  await Deno.symlink("a", `${dir}/link`);
  {
    using folder = openAt(undefined, dir, OPEN.PATH);
    using found = await openBeneath(folder, "a/b", OPEN.PATH);
    const { ino } = await Deno.stat(`${dir}/a/b`);
    assert.equal(found?.info().identity.split(":")[2], String(ino));
    for (const path of ["link/b", "..", "a/../..", dir, "missing"]) {
      assert.equal(await openBeneath(folder, path, OPEN.PATH), undefined, path);
    }
  }
  await Deno.remove(dir, { recursive: true });
});
