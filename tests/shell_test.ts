/** `jmp shell` on a terminal: what a person sees, and what is completed. */
import assert from "node:assert/strict";
import { InteractiveShell } from "./interactive_shell.ts";

Deno.test("bash shows folder and exporter, completes drivers and commands, and ends with its code", async () => {
  await using shell = await InteractiveShell.open({ shell: "/bin/bash" });
  await shell.shows(/\[90mbench .\[93m⚡.\[97mdemo .\[93m➤.\[0m /);
  await shell.type("j po\t");
  await shell.shows(/j power $/);
  await shell.type("cy\t");
  await shell.shows(/cycle $/);
  await shell.type("--w\t");
  await shell.shows(/--wait $/);
  await shell.type("0\n");
  await shell.shows(/power on[^]*⚡/);
  await shell.type("no-such-program\n");
  await shell.shows(/not found[^]*⚡/);
  await shell.type("exit $?\n");
  assert.equal(await shell.ended(), 127);
});

Deno.test("a shell without colours has none in its prompt, and sh has the prompt, too", async () => {
  for (const [program, env] of [["/bin/bash", { NO_COLOR: "1" }], ["/bin/sh", {}]] as const) {
    await using shell = await InteractiveShell.open({ shell: program, env });
    await shell.shows(/(^|[\n\rhl])bench ⚡demo ➤ /);
    await shell.type("j power on && echo done-$?\n");
    await shell.shows(/done-0/);
    await shell.type("exit 3\n");
    assert.equal(await shell.ended(), 3);
  }
});
