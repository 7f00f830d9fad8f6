import assert from "node:assert/strict";
import { join } from "node:path";
import { isDriverFile, secureFile } from "./files.ts";
import { site } from "./testing.ts";

Deno.test("secureFile() refuses files that others can write, and names the command to run", async () => {
  await using place = await site({ "a.ts": "" });
  const path = join(place.dir, "a.ts");
  assert.equal(secureFile(path), await Deno.realPath(path));
  for (const mode of [0o666, 0o620]) {
    await Deno.chmod(path, mode);
    assert.throws(() => secureFile(path), {
      message: `Cannot load the driver file ${path}: expected that only the owner can write ` +
        `${path}, found mode 0${mode.toString(8)}; look at what is in it, then run: chmod go-w ` +
        path,
    });
  }
  await Deno.chmod(path, 0o644);
  await Deno.chmod(place.dir, 0o1777);
  assert.throws(() => secureFile(path), (error: Error) => {
    assert.ok(error.message.includes(`write ${place.dir}, found mode 1777;`));
    assert.ok(error.message.endsWith("; use a folder of your own instead"));
    return true;
  });
});

Deno.test("secureFile() follows a link and checks both folders", async () => {
  await using place = await site({ "a.ts": "" });
  await using linked = await site({});
  const link = join(linked.dir, "link.ts");
  await Deno.symlink(join(place.dir, "a.ts"), link);
  assert.equal(secureFile(link), await Deno.realPath(join(place.dir, "a.ts")));
  await Deno.chmod(linked.dir, 0o770);
  assert.throws(() => secureFile(link), /found mode 0770/);
  await Deno.chmod(linked.dir, 0o700);
  await Deno.chmod(place.dir, 0o702);
  assert.throws(() => secureFile(link), /found mode 0702/);
  await Deno.chmod(place.dir, 0o700);
});

Deno.test({
  name: "secureFile() refuses a file of another user",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using place = await site({ "a.ts": "" });
    const path = join(place.dir, "a.ts");
    await Deno.chown(path, 12_345, null);
    assert.throws(() => secureFile(path), (error: Error) => {
      assert.match(error.message, /to belong to root, found uid 12345/);
      assert.ok(error.message.endsWith(`then run: chown 0 ${path}`));
      return true;
    });
  },
});

Deno.test("secureFile() requires an existing file", async () => {
  await using place = await site({});
  assert.throws(() => secureFile(join(place.dir, "none.ts")), /expected a file there, found none/);
  const folder = join(place.dir, "folder.ts");
  await Deno.mkdir(folder, { mode: 0o700 });
  assert.throws(() => secureFile(folder), /expected a file there, found a directory/);
});

Deno.test("find() warns about an unsafe file and uses the others", async () => {
  await using place = await site({ "unsafe.ts": "export default () => {};" });
  await Deno.chmod(join(place.dir, "unsafe.ts"), 0o646);
  assert.equal(await place.drivers.find("acme.A", "/etc/exporter.yaml"), undefined);
  assert.match(place.warnings.join(), /unsafe\.ts, found mode 0646/);
});

Deno.test("isDriverFile() accepts sources, but no declarations or backup files", () => {
  const names = ["a.ts", "b.js", "c.mjs", "d.d.ts", ".e.ts", "f.ts~", "g.json"];
  assert.deepEqual(names.filter((name) => isDriverFile(name)), ["a.ts", "b.js", "c.mjs"]);
});
