/** The official program's commands and options against those that ours knows of it. */
import assert from "node:assert/strict";
import { createProgram } from "../../src/cli/main.ts";
import { OFFICIAL_COMMANDS } from "../../src/cli/official_commands.ts";
import { openClient, succeeds } from "./client.ts";

const program = createProgram(() => {});
const ours = program.commands.map((command) => command.name());

Deno.test("every command of the official jmp is one of ours or refused by name", async () => {
  const help = await helpOf([]);
  const [, list = ""] = help.split("Commands:\n");
  const commands = Array.from(list.matchAll(/^ {2}([a-z]+)\s/gm), ([, name]) => name!);
  assert.ok(commands.includes("get"), help);
  const others = commands.filter((name) => !ours.includes(name));
  assert.deepEqual(others, OFFICIAL_COMMANDS);
});

Deno.test("every option of the official jmp shell is one that ours knows", async () => {
  const help = await helpOf(["shell"]);
  const options = Array.from(help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm), ([, long]) => long!);
  assert.ok(options.includes("--client"), help);
  const shell = program.commands.find((command) => command.name() === "shell")!;
  const known = ["--help", ...shell.options.map(({ long }) => long)];
  assert.deepEqual(options.filter((long) => !known.includes(long)), []);
});

async function helpOf(command: string[]): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "jmp-official-" });
  try {
    const client = await openClient(home);
    return await succeeds(client.run(["jmp", ...command, "--help"], { env: {} }));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
