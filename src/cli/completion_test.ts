import assert from "node:assert/strict";
import { completionScript } from "./completion.ts";
import { createProgram } from "./main.ts";

/** The completions that bash offers for the last of `words`. */
async function offered(...words: string[]): Promise<string[]> {
  const script = completionScript(createProgram(() => {}), "bash");
  const array = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _jmp`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", `${script}\n${ask}; printf '%s\\n' "\${COMPREPLY[@]}"`],
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("completionScript() completes commands, options and values of options in bash", async () => {
  assert.deepEqual(await offered("jmp", "sh"), ["shell"]);
  assert.deepEqual(await offered("jmp", "run", "--exporter"), ["--exporter", "--exporter-config"]);
  assert.deepEqual(await offered("jmp", "--log-format", "j"), ["json"]);
  assert.deepEqual(await offered("jmp", "driver", "l"), ["list"]);
  assert.deepEqual(await offered("jmp", "driver", "list", "--o"), ["--output"]);
  assert.deepEqual(await offered("jmp", "driver", "list", "--output", "y"), ["yaml"]);
  assert.deepEqual(await offered("jmp", "run", "list", "--st"), ["--strict"]);
});

Deno.test("completionScript() contains every command for each shell", () => {
  const program = createProgram(() => {});
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const script = completionScript(program, shell);
    for (const command of program.commands) {
      assert.ok(script.includes(command.name()), `${command.name()} for ${shell}`);
      for (const inner of command.commands) {
        assert.ok(script.includes(inner.name()), `${inner.name()} for ${shell}`);
      }
    }
  }
});
