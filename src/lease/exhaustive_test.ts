/** What does not compile: an event, effect or phase of the lease machine that nobody handles. */
import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);
const MACHINE = ["src/lease/machine.ts"];
const EFFECTS = ["src/exporter/lease_executor.ts"];

/** A member that is added to a union of the machine, and where `deno check` must miss it. */
interface Addition {
  readonly file: string;
  readonly union: string;
  readonly member: string;
  readonly modules: readonly string[];
  readonly missedIn: readonly string[];
}

const ADDITIONS: readonly Addition[] = [
  {
    file: "src/lease/model.ts",
    union: "LeaseEvent",
    member: '{ readonly type: "renewed" }',
    modules: MACHINE,
    missedIn: MACHINE,
  },
  {
    file: "src/lease/model.ts",
    union: "LeaseEffect",
    member: '{ readonly type: "blink"; readonly seconds: number }',
    modules: EFFECTS,
    missedIn: EFFECTS,
  },
  {
    file: "src/lease/model.ts",
    union: "HookName",
    member: '"duringLease"',
    modules: MACHINE,
    missedIn: MACHINE,
  },
  {
    file: "src/lease/state.ts",
    union: "Active",
    member: '(Holding & { readonly phase: "paused" })',
    modules: MACHINE,
    missedIn: ["src/lease/machine.ts", "src/lease/assignment.ts"],
  },
];

for (const addition of ADDITIONS) {
  Deno.test(`${addition.union} with a member that nobody handles does not compile`, async () => {
    const { file, union, member, modules, missedIn } = addition;
    const output = await check(modules, file, (text) => {
      const head = new RegExp(`export type ${union} =\\s*(?:/\\*\\*.*\\*/\\s*)?\\|?`);
      const changed = text.replace(head, `export type ${union} = ${member} |`);
      assert.notEqual(changed, text, `expected ${union} in ${file}`);
      return changed;
    });
    assert.match(output, /does not satisfy the expected type 'never'/);
    for (const path of missedIn) assert.ok(output.includes(`${path}:`), `${path}: ${output}`);
  });
}

Deno.test("the machine and the exporters compile as they are, beside a copy of the model", async () => {
  assert.equal(await check([...MACHINE, ...EFFECTS], "src/lease/model.ts", (text) => text), "");
});

/** The errors of `deno check` for `modules`, all of which see `file` with another text. */
async function check(
  modules: readonly string[],
  file: string,
  change: (text: string) => string,
): Promise<string> {
  const source = new URL(file, root);
  const dir = await Deno.makeTempDir({ prefix: "jmp-check-" });
  try {
    const text = change(await Deno.readTextFile(source));
    const copy = text.replace(/(from )"(\.[^"]+)"/g, (_, from, specifier) => {
      return `${from}"${new URL(specifier, source)}"`;
    });
    await Deno.writeTextFile(`${dir}/copy.ts`, copy);
    const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const imports = { ...config.imports, [source.href]: `${dir}/copy.ts` };
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ ...config, imports }));
    return await errors(`${dir}/deno.json`, modules);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
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
