/** What the tree must hold of itself: rooms, generated code, lists, the pinned Deno. */
import assert from "node:assert/strict";
import { factories } from "../drivers/mod.ts";
import { strayArrows } from "../scripts/arrows.ts";
import { generate } from "../scripts/gen.ts";

const root = new URL("../", import.meta.url).pathname;

Deno.test("no room imports what the house does not allow", async () => {
  assert.deepEqual(await strayArrows(), []);
});

async function filesBelow(dir: string, prefix = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${prefix}${name}`;
    if (isDirectory) {
      for (const [key, text] of await filesBelow(`${dir}/${name}`, `${path}/`)) {
        files.set(key, text);
      }
    } else files.set(path, await Deno.readTextFile(`${dir}/${name}`));
  }
  return files;
}

Deno.test("the generated code is what proto/ generates", async () => {
  const out = await Deno.makeTempDir({ prefix: "jmp-gen-" });
  try {
    await generate(out);
    const [fresh, committed] = await Promise.all([
      filesBelow(out),
      filesBelow(`${root}src/wire/gen`),
    ]);
    assert.deepEqual([...fresh.keys()].sort(), [...committed.keys()].sort());
    for (const [path, text] of fresh) {
      assert.equal(committed.get(path), text, `${path} is stale: run deno task gen`);
    }
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("every driver folder has a sample and a README, and its types are in the list", async () => {
  const types = new Set(factories.map(({ type }) => type));
  for await (const { name, isDirectory } of Deno.readDir(`${root}drivers`)) {
    if (!isDirectory) continue;
    const sample = await Deno.readTextFile(`${root}drivers/${name}/sample.yaml`);
    const readme = await Deno.readTextFile(`${root}drivers/${name}/README.md`);
    const used = Array.from(sample.matchAll(/type: "?([\w.]+)/g), ([, type]) => type!);
    assert.ok(used.length > 0, `${name}/sample.yaml shows no driver`);
    for (const type of used) assert.ok(types.has(type), `${type} is not in drivers/mod.ts`);
    for (const type of used) assert.ok(readme.includes(type), `${name}/README.md lacks ${type}`);
  }
  const families = await filesBelow(`${root}drivers`);
  for (const [path, text] of families) {
    if (path.endsWith("_test.ts") || path.endsWith("testing.ts")) continue;
    for (const [, type] of text.matchAll(/^\s+type: "(jumpstarter_[\w.]+)"/gm)) {
      assert.ok(types.has(type!), `${type} of drivers/${path} is not in drivers/mod.ts`);
    }
  }
});

Deno.test("one version of Deno is pinned, and every document names that one", async () => {
  const pinned = (await Deno.readTextFile(`${root}.dvmrc`)).trim();
  assert.equal(Deno.version.deno, pinned);
  for (const file of ["README.md", ".ci/run"]) {
    const text = await Deno.readTextFile(`${root}${file}`);
    for (const [, version] of text.matchAll(/deno@(\d[\w.]*)/g)) assert.equal(version, pinned);
  }
});

Deno.test("no committed file names a package registry or a machine's folder", async () => {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files"], cwd: root }).output();
  const pattern = new RegExp(["registry", "npmjs", "org"].join("\\.") + "|/(home|root)/[a-z]+/");
  for (const file of new TextDecoder().decode(stdout).trim().split("\n")) {
    const text = await Deno.readTextFile(`${root}${file}`).catch(() => "");
    assert.doesNotMatch(text, pattern, file);
  }
});
