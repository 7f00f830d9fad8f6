/** Large texts that would take endless time if every part were compared with every other. */
import assert from "node:assert/strict";
import { HEAD, POWER, said } from "./testing.ts";

const SIZE = 100_000;

const TEXTS: Readonly<Record<string, string>> = {
  "blank lines": "\n".repeat(SIZE),
  "blank lines before no YAML": `${" \n".repeat(SIZE)}[`,
  "comments": "#\n".repeat(SIZE),
  "numbers that are read in two ways": `a:\n${"- 010\n".repeat(SIZE / 2)}`,
  "open placeholders": `${HEAD}motd: a\n${POWER}    config: {url: "${"{%".repeat(SIZE)}"}\n`,
  "open placeholders in an error": `${HEAD}motd: {a ${"<% {{".repeat(SIZE)}\n`,
  "no-break spaces": `${HEAD}"${"\u00a0".repeat(SIZE)}": a\n`,
  "tabs": `${HEAD}motd: a${"\t".repeat(SIZE)}\n`,
  "NULs": `${HEAD}${"\0".repeat(SIZE)}\n`,
  "a key": `${HEAD}${"x".repeat(1000)}: a\n`,
  "a secret": `${HEAD}password: ${"{{ ".repeat(SIZE)}\n`,
};

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.test(`parseConfig() reads many ${name}`, async () => {
    const messages = await said(text);
    assert.ok(messages.every((message) => message.length < 5000), name);
  });
}
