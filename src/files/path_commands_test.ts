import assert from "node:assert/strict";
import "../libc/testing.ts";
import { openCommands, pathWith } from "./path_commands.ts";

/** What the command `name` prints, when it is looked for in folders. */
async function called(folders: readonly string[], name: string, ...args: string[]) {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", '"$@"', "sh", name, ...args],
    env: { PATH: `${folders.join(":")}:/usr/bin:/bin` },
    clearEnv: true,
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("openCommands() makes scripts for command lines, and removes them at the end", async () => {
  const folders = await (async () => {
    const jmp = ["printf", "<%s>", "it's"];
    await using commands = openCommands({ lines: { j: [...jmp, "j"], jmp } });
    assert.equal(await called(commands.folders, "j", "power", "a b"), "<it's><j><power><a b>");
    assert.equal(await called(commands.folders, "jmp", "run"), "<it's><run>");
    return commands.folders;
  })();
  for (const folder of folders) assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
});

Deno.test("openCommands() links programs without arguments, which see the name of the link", async () => {
  const program = await Deno.makeTempFile({ prefix: "jmp-program-" });
  await Deno.writeTextFile(program, '#!/bin/sh\necho "$(basename $0) $*"\n');
  await Deno.chmod(program, 0o755);
  await using commands = openCommands({ lines: { j: [program], jmp: [program] } });
  assert.equal(await called(commands.folders, "j", "power"), "j power\n");
  assert.equal(await called(commands.folders, "jmp", "run"), "jmp run\n");
  await Deno.remove(program);
});

Deno.test("openCommands() names the folder that has them already first, and makes none without lines", async () => {
  await using both = openCommands({ folder: "/unpacked/bin", lines: { j: ["/j"], jmp: ["/j"] } });
  assert.equal(both.folders.length, 2);
  assert.equal(both.folders[0], "/unpacked/bin");
  await using one = openCommands({ folder: "/unpacked/bin" });
  assert.deepEqual(one.folders, ["/unpacked/bin"]);
});

Deno.test("pathWith() appends folders; JMP_J=native puts them first", () => {
  assert.equal(pathWith(["/a", "/b"], { PATH: "/bin:/usr/bin" }), "/bin:/usr/bin:/a:/b");
  assert.equal(pathWith(["/a", "/b"], { PATH: "/bin", JMP_J: "native" }), "/a:/b:/bin");
  assert.equal(pathWith(["/a"], { PATH: "/bin", JMP_J: "" }), "/bin:/a");
  assert.match(pathWith(["/a"], {}), /^\/usr\/local\/sbin:.*:\/bin:\/a$/);
  assert.equal(pathWith([], { PATH: "/bin" }), "/bin");
});
