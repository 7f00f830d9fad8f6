/** `jmp shell` in the shells that not every host has. */
import assert from "node:assert/strict";
import { InteractiveShell } from "../interactive_shell.ts";
import { installTools } from "./tools.ts";

Deno.test("zsh shows folder and exporter, completes drivers and commands, and ends with its code", async () => {
  await installTools();
  await using shell = await InteractiveShell.open({ shell: "/usr/bin/zsh" });
  await shell.shows(/bench [^⚡]*⚡[^d]*demo [^➤]*➤/);
  await shell.type("j po\t");
  await shell.shows(/j power/);
  await shell.type("of\t");
  await shell.shows(/off/);
  await shell.type("\n");
  await shell.shows(/power off[^]*➤/);
  await shell.type("echo $ZDOTDIR-$HISTFILE-end\n");
  await shell.shows(/\n-\/.*\.zsh_history-end/);
  await shell.type("exit 4\n");
  assert.equal(await shell.ended(), 4);
});

Deno.test("fish shows folder and exporter, completes drivers and commands, and ends with its code", async () => {
  await installTools();
  await using shell = await InteractiveShell.open({ shell: "/usr/bin/fish" });
  await shell.shows(/bench [^⚡]*⚡[^d]*demo [^➤]*➤/);
  await shell.type("complete -C 'j po'\n");
  await shell.shows(/power\tPower switch/);
  await shell.type("complete -C 'j power o'\n");
  await shell.shows(/off\t[^]*on\t/);
  await shell.type("j power off; and echo done\n");
  await shell.shows(/power off[^]*➤/);
  await shell.type("exit 4\n");
  assert.equal(await shell.ended(), 4);
});
