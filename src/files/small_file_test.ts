import assert from "node:assert/strict";
import { readSmallFile, UnreadableFile } from "./small_file.ts";

async function inFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-small-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function mkfifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success);
}

Deno.test("readSmallFile() returns content and mode of a file, and the content of a pipe", () =>
  inFolder(async (dir) => {
    const bytes = new Uint8Array([1, 2, 3]);
    await Deno.writeFile(`${dir}/file`, bytes);
    await Deno.chmod(`${dir}/file`, 0o640);
    const path = `${dir}/file`;
    assert.deepEqual(await readSmallFile(path, 3), { path, bytes, mode: 0o640 });
    await mkfifo(`${dir}/pipe`);
    const [pipe] = await Promise.all([
      readSmallFile(`${dir}/pipe`, 3),
      Deno.writeFile(`${dir}/pipe`, bytes),
    ]);
    assert.deepEqual(pipe, { path: `${dir}/pipe`, bytes, mode: undefined });
  }));

Deno.test("readSmallFile() explains why a path cannot be read", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "four");
    using _socket = Deno.listen({ transport: "unix", path: `${dir}/socket` });
    const cases: [path: string, reason: string][] = [
      [dir, "it is a folder"],
      ["/dev/zero", "it is a device"],
      [`${dir}/socket`, "it is a socket"],
      [`${dir}/missing`, "there is no such file"],
      [`${dir}/file/below`, "its path leads through a file"],
      [`${dir}/file`, "it is larger than 3 bytes"],
    ];
    for (const [path, reason] of cases) {
      await assert.rejects(readSmallFile(path, 3), (error) => {
        assert.ok(error instanceof UnreadableFile);
        assert.equal(error.message, reason);
        return true;
      });
    }
  }));

Deno.test({
  name: "readSmallFile() stops waiting for a pipe without a writer",
  // The read that it gives up ends only with the pipe.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inFolder(async (dir) => {
      await mkfifo(`${dir}/pipe`);
      await assert.rejects(readSmallFile(`${dir}/pipe`, 3), /its end did not come within 10 s/);
      // Lets the read that was left behind end.
      await Deno.writeTextFile(`${dir}/pipe`, "");
    }),
});
