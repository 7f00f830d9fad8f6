import assert from "node:assert/strict";
import { shellWord } from "./shell_word.ts";

Deno.test("shellWord() quotes only what a shell would take apart", async () => {
  assert.equal(shellWord("/opt/my-venv/bin/python3.11"), "/opt/my-venv/bin/python3.11");
  for (const word of ["", "a b", "it's", "$HOME", "*", "a\nb", "`x`"]) {
    const args = ["-c", `printf %s ${shellWord(word)}`];
    const { stdout } = await new Deno.Command("sh", { args }).output();
    assert.equal(new TextDecoder().decode(stdout), word);
  }
});
