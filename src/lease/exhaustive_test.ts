/** Tests that an event, effect or phase of the lease machine that is not handled does not compile. */
import assert from "node:assert/strict";
import { basename } from "node:path";

const root = new URL("../../", import.meta.url);
const MODULES = ["src/lease/machine.ts", "src/exporter/lease_executor.ts"];

/** A member to add to a union of the machine, and the files in which `deno check` must fail. */
interface Addition {
  readonly file: string;
  readonly union: string;
  /** As the compiler shows it. */
  readonly member: string;
  readonly missedIn: readonly string[];
}

const ADDITIONS: readonly Addition[] = [
  {
    file: "src/lease/model.ts",
    union: "LeaseEvent",
    member: '{ readonly type: "renewed"; }',
    missedIn: ["src/lease/machine.ts"],
  },
  {
    file: "src/lease/model.ts",
    union: "LeaseEffect",
    member: '{ readonly type: "blink"; readonly seconds: number; }',
    missedIn: ["src/exporter/lease_executor.ts"],
  },
  {
    file: "src/lease/model.ts",
    union: "HookName",
    member: '"duringLease"',
    missedIn: ["src/lease/machine.ts"],
  },
  {
    file: "src/lease/state.ts",
    union: "Active",
    member: 'Holding & { readonly phase: "paused"; }',
    missedIn: ["src/lease/machine.ts", "src/lease/assignment.ts"],
  },
];

Deno.test("deno check fails for an event, effect, hook or phase that is not handled", async () => {
  // One check for all, because the compiler takes seconds to start.
  const found = (await check(ADDITIONS)).split(/^TS\d+ /m);
  for (const { union, member, missedIn } of ADDITIONS) {
    const missing = `Type '${member}' does not satisfy the expected type 'never'`;
    const errors = found.filter((error) => error.includes(missing));
    for (const path of missedIn) {
      assert.ok(errors.some((error) => error.includes(`${path}:`)), `${union}: ${found.join("")}`);
    }
  }
});

Deno.test("deno check accepts the lease machine and the executor with unchanged copies of the model", async () => {
  assert.equal(await check(ADDITIONS.map(({ file }) => ({ file }))), "");
});

/** Returns the errors of `deno check` for {@linkcode MODULES}, which import the changed copies. */
async function check(
  additions: readonly (Pick<Addition, "file"> & Partial<Addition>)[],
): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-check-" });
  try {
    const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const imports = { ...config.imports };
    for (const file of new Set(additions.map(({ file }) => file))) {
      const source = new URL(file, root);
      let text = await Deno.readTextFile(source);
      for (const addition of additions) {
        if (addition.file === file) text = withMember(text, addition);
      }
      const copy = text.replace(/(from )"(\.[^"]+)"/g, (_, from, specifier) => {
        return `${from}"${new URL(specifier, source)}"`;
      });
      imports[source.href] = `${dir}/${basename(file)}`;
      await Deno.writeTextFile(imports[source.href], copy);
    }
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ ...config, imports }));
    return await errors(`${dir}/deno.json`, MODULES);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The text with the member in its union, if there is one to add. */
function withMember(text: string, { file, union, member }: Partial<Addition>): string {
  if (union === undefined) return text;
  const head = new RegExp(`export type ${union} =\\s*(?:/\\*\\*.*\\*/\\s*)?\\|?`);
  const changed = text.replace(head, `export type ${union} = (${member}) |`);
  assert.notEqual(changed, text, `expected ${union} in ${file}`);
  return changed;
}

async function errors(config: string, modules: readonly string[]): Promise<string> {
  const lock = new URL("deno.lock", root).pathname;
  const paths = modules.map((path) => new URL(path, root).href);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", config, "--lock", lock, "--frozen", ...paths],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const output = new TextDecoder().decode(stderr).trim();
  assert.equal(success, output === "", output);
  return output;
}
