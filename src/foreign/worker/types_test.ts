/** The types of custom drivers, tried by the compiler on the drivers that documents show. */
import assert from "node:assert/strict";
import { sdkTypes } from "../../catalog/mod.ts";
import { source } from "./testing.ts";

const root = new URL("../../../", import.meta.url).pathname;

/** Checks files beside the types. @returns what the compiler says, without colours */
async function check(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-types-" });
  try {
    await Deno.writeTextFile(`${dir}/jmp.d.ts`, sdkTypes());
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-lock", "--quiet", ...Object.keys(files)],
      cwd: dir,
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(success, said === "", said);
    return said;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The first example of a document. */
async function example(document: string): Promise<string> {
  return /```ts\n([^]*?)```/.exec(await Deno.readTextFile(root + document))![1]!;
}

Deno.test("the drivers that the documents show pass the compiler with the types", async () => {
  const said = await check({
    "relay.ts": await example("src/foreign/worker/README.md"),
    "custom.ts": await example("drivers/README.md"),
  });
  assert.equal(said, "");
});

/** A driver whose `open` is this. */
function driver(open: string): string {
  return `import type { Sdk } from "./jmp.d.ts";\n` +
    source("acme.A", open).replace("resourceHandle })", "resourceHandle }: Sdk)");
}

Deno.test("the compiler finds the mistakes of authors", async () => {
  const said = await check({
    "kind.ts": driver("open: () => ({ calls: { on: 'yes' } }),"),
    "argument.ts": driver(
      "open: () => ({ calls: { set: withArgs([z.boolean()], ([on]) => on.x) } }),",
    ),
    "port.ts": driver("open: ({ path }) => ({ calls: { on: () => path.port } }),"),
    "member.ts": driver("open: () => ({}), probee() {},"),
    "good.ts": driver("open: ({ log }) => ({ calls: { on: () => log.info('on') } }),"),
  });
  for (const file of ["kind", "argument", "port", "member"]) {
    assert.match(said, new RegExp(`/${file}\\.ts:\\d`), said);
  }
  assert.doesNotMatch(said, /good\.ts/);
});
