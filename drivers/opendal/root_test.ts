import assert from "node:assert/strict";
import { testFolder } from "../../src/files/testing.ts";
import { opendal } from "./manifest.ts";
import { rootProblem } from "./root.ts";
import { open } from "./testing.ts";

Deno.test("a root that cannot be created is named with the reason and the remedy", async () => {
  await using place = await testFolder();
  await Deno.writeTextFile(`${place.path}/file`, "");
  await Deno.symlink("nowhere", `${place.path}/broken`);
  await Deno.symlink("loop", `${place.path}/loop`);
  const cases = [
    ["/proc/nope", "no such folder; correct kwargs.root"],
    [`${place.path}/file/root`, "part of the path is not a folder; correct kwargs.root"],
    [`${place.path}/file`, "a file or a broken link is in its place; remove that, or correct"],
    [`${place.path}/broken`, "a file or a broken link is in its place; remove that, or correct"],
    [`${place.path}/loop/root`, "the links on its path form a circle; correct kwargs.root"],
    [`${place.path}/${"x".repeat(300)}`, "the path is too long; correct kwargs.root"],
  ] as const;
  for (const [root, reason] of cases) {
    await assert.rejects(open(opendal, { scheme: "fs", kwargs: { root } }), (error: Error) => {
      assert.equal(error.name, "DriverError");
      const expected = `Cannot create the storage's root ${root}: ${reason}`;
      assert.ok(error.message.startsWith(expected), error.message);
      return true;
    });
  }
});

Deno.test("rootProblem() names the user who may not create the root, and a full disk", () => {
  const { message } = rootProblem("/srv/images", { code: "EACCES" });
  assert.match(message, /root \/srv\/images: not permitted for user \d+; create it so that the/);
  assert.match(rootProblem("/srv", { code: "EROFS" }).message, /the file system is read-only; cor/);
  assert.match(
    rootProblem("/srv", { code: "ENOSPC" }).message,
    /the disk is full; free some space/,
  );
  assert.match(
    rootProblem("/srv", new Error("odd")).message,
    /^Cannot create the storage's root \/srv: odd; correct kwargs\.root$/,
  );
});
