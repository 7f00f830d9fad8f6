/** What the documents promise: links that lead somewhere, and every command. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { createProgram } from "../src/cli/main.ts";

const root = new URL("../", import.meta.url).pathname;

/** The committed Markdown files, as paths from the root. */
async function documents(): Promise<string[]> {
  const git = new Deno.Command("git", { args: ["ls-files", "*.md"], cwd: root });
  return new TextDecoder().decode((await git.output()).stdout).trim().split("\n");
}

Deno.test("every link between documents leads to a file that is there", async () => {
  const files = await documents();
  assert.ok(files.includes("README.md"));
  for (const file of files) {
    const text = await Deno.readTextFile(`${root}${file}`);
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const path = `${root}${dirname(file)}/${target}`;
      assert.ok(await Deno.stat(path).catch(() => undefined), `${file} links ${target}`);
    }
  }
});

/** The README of a family of drivers, which a reader finds by the name of its folder. */
const OF_A_FAMILY = /^drivers\/\w+\/README\.md$/;

Deno.test("every document is linked from README.md, directly or by others", async () => {
  const found = new Set(["README.md"]);
  for (const file of found) {
    const text = await Deno.readTextFile(`${root}${file}`);
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+\.md)[^)]*\)/g)) {
      found.add(new URL(target!, `file:///${file}`).pathname.slice(1));
    }
  }
  for (const file of await documents()) {
    assert.ok(found.has(file) || OF_A_FAMILY.test(file), `nothing links ${file}`);
  }
});

Deno.test("README.md names every command of the program", async () => {
  const text = await Deno.readTextFile(`${root}README.md`);
  const program = createProgram(() => {});
  const names = program.createHelp().visibleCommands(program).map((command) => command.name());
  assert.ok(names.includes("run"));
  for (const name of names.filter((name) => name !== "help")) {
    assert.match(text, new RegExp(`^\\| \`jmp ${name}\\b`, "m"));
  }
});

Deno.test("every file and folder of the sources that a document names is there", async () => {
  for (const file of await documents()) {
    const text = withoutExamples(await Deno.readTextFile(`${root}${file}`));
    for (
      const [, path] of text.matchAll(/`((?:src|drivers|scripts|tests|proto)\/[a-z0-9_./-]+)`/g)
    ) {
      if (path!.startsWith(EXAMPLE)) continue;
      assert.ok(await Deno.stat(root + path).catch(() => undefined), `${file} names ${path}`);
    }
  }
});

/** The family of drivers that CONTRIBUTING.md makes. */
const EXAMPLE = "drivers/shelly";

function withoutExamples(text: string): string {
  return text.replace(/^(```+)[^]*?^\1$/gm, "");
}

Deno.test("every task that a document names is in deno.json", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  for (const file of await documents()) {
    const text = await Deno.readTextFile(`${root}${file}`);
    for (const [, task] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([\w:]+)/g)) {
      assert.ok(Object.hasOwn(tasks, task!), `${file} names the task ${task}`);
    }
  }
});
