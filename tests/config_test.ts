/** Every config of tests/config, with the expected diagnostics. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import fc from "fast-check";
import { composite } from "../drivers/composite/manifest.ts";
import { mockPower } from "../drivers/power/manifest.ts";
import { type Diagnostic, formatDiagnostic } from "../src/config/yaml/diagnostics.ts";
import { loadConfig, UnreadableConfig } from "../src/config/load.ts";
import { parseConfig, type ParsedConfig } from "../src/config/parse.ts";
import { createRegistry, defineDriver, z } from "../src/driver/manifest.ts";

const client = "test.client.Client";

const serial = defineDriver({
  type: "test.Serial",
  client,
  config: z.strictObject({
    url: z.string(),
    baudrate: z.int().positive().default(115200),
    check_present: z.boolean().default(true),
    cps: z.number().nullish(),
  }),
  open: () => ({}),
});

const toggle = defineDriver({
  type: "test.Switch",
  client,
  config: z.strictObject({
    serial: z.string().nullish(),
    default: z.enum(["on", "off", "keep"]).default("off"),
    port: z.enum(["1", "2", "3", "all"]).default("all"),
  }),
  open: () => ({}),
});

const command = z.strictObject({ command: z.string(), timeout: z.int().optional() });

const shell = defineDriver({
  type: "test.Shell",
  client,
  config: z.strictObject({
    methods: z.record(z.string(), z.union([z.string(), command])),
    shell: z.array(z.string()).optional(),
  }),
  open: () => ({}),
});

const options = {
  registry: createRegistry([composite, mockPower, serial, toggle, shell]),
  loader: { find: () => Promise.resolve(undefined) },
  env: {},
};

const folder = (name: string) => new URL(`config/${name}`, import.meta.url).pathname;

async function configs(dir: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder(dir)));
  return entries.map((entry) => entry.name).filter((name) => name.endsWith(".yaml")).sort();
}

/** Loads a copy that only its owner may read, because the files of a checkout may have any mode. */
async function load(file: string): Promise<ParsedConfig> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-config-" });
  try {
    const copy = join(dir, basename(file));
    await Deno.copyFile(file, copy);
    await Deno.chmod(copy, 0o600);
    const { config, diagnostics } = await loadConfig(copy, options);
    const named = diagnostics.map((one) => ({ ...one, file: basename(file) }));
    return { ...(config && { config }), diagnostics: named };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const name of await configs("bad")) {
  Deno.test(`loadConfig() says what is wrong with ${name}`, async () => {
    const file = join(folder("bad"), name);
    const expected = await Deno.readTextFile(file.replace(/yaml$/, "expected"));
    const { diagnostics } = await load(file);
    assert.equal(diagnostics.map(formatDiagnostic).join("\n") + "\n", expected);
  });
}

for (const name of await configs("good")) {
  Deno.test(`loadConfig() reads ${name}`, async () => {
    const { config, diagnostics } = await load(join(folder("good"), name));
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors.map(formatDiagnostic), []);
    assert.ok(config);
  });
}

Deno.test("tests/config/bad has a config for every expectation", async () => {
  const entries = await Array.fromAsync(Deno.readDir(folder("bad")));
  const names = new Set(entries.map((entry) => entry.name));
  const orphans = [...names].filter((name) =>
    name.endsWith(".expected") && !names.has(name.replace(/expected$/, "yaml"))
  );
  assert.deepEqual(orphans, []);
});

/** The diagnostics of broken indentation must name everything that the user has to change. */
for (const name of ["storage-not-indented", "storage-type-not-indented"]) {
  Deno.test(`loadConfig() has one error for ${name}`, async () => {
    const { diagnostics } = await load(join(folder("bad"), `${name}.yaml`));
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    assert.equal(errors.length, 1);
    assert.match(errors[0]!.message, /'storage' \(line 11\).*'type' \(line 12\).*by 2 more spaces/);
  });
}

function assertInside({ line, column }: Diagnostic, text: string): void {
  const lines = text.split(/\r\n|[\r\n\u0085\u2028\u2029]/);
  assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
  const length = lines[line - 1]!.length;
  assert.ok(column >= 1 && column <= length + 1, `column ${column} of ${length} in line ${line}`);
}

async function survives(text: string): Promise<void> {
  const { config, diagnostics } = await parseConfig(text, "exporter.yaml", options);
  for (const diagnostic of diagnostics) assertInside(diagnostic, text);
  const refuses = ({ severity, scope }: Diagnostic) => severity === "error" && scope === "file";
  assert.equal(config === undefined, diagnostics.some(refuses));
}

Deno.test("parseConfig() survives any text", async () => {
  const word = fc.constantFrom(
    ..."export: children: type: config: ref: a b on yes 010 1:30 ~ - * & << | > ' \" { } [ ] # , ? ! %"
      .split(" "),
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    " ",
    "test.Serial",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word, { maxLength: 40 }).map((words) => words.join(" ")),
    fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  );
  await fc.assert(fc.asyncProperty(text, survives), { numRuns: 400 });
});

Deno.test("parseConfig() survives good configs with parts cut out, doubled or indented", async () => {
  const files = (await configs("good")).map((name) =>
    Deno.readTextFile(join(folder("good"), name))
  );
  const texts = await Promise.all(files);
  const position = fc.double({ min: 0, max: 1, noNaN: true });
  const edit = fc.record({
    at: position,
    length: fc.nat(12),
    insert: fc.constantFrom("", "  ", "\t"),
  });
  const mutated = fc.tuple(
    fc.constantFrom(...texts),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
  )
    .map(([text, edits]) =>
      edits.reduce((current, { at, length, insert }) => {
        const start = Math.floor(at * current.length);
        return current.slice(0, start) + insert + current.slice(start + length);
      }, text)
    );
  await fc.assert(fc.asyncProperty(mutated, survives), { numRuns: 400 });
});

Deno.test("loadConfig() says why a file has no text", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-config-" });
  try {
    await Deno.writeFile(join(dir, "utf16.yaml"), new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
    await Deno.writeFile(join(dir, "huge.yaml"), new Uint8Array(4 * 1024 * 1024 + 1));
    const cases: [file: string, reason: string][] = [
      [join(dir, "missing.yaml"), "there is no such file"],
      [join(dir, "utf16.yaml"), "it is UTF-16 text; save it as UTF-8"],
      [join(dir, "huge.yaml"), "it is larger than 4194304 bytes"],
      ["/", "it is a folder"],
      ["/dev/zero", "it is a device"],
    ];
    for (const [file, reason] of cases) {
      const message = `cannot read the config '${file}': ${reason}`;
      await assert.rejects(loadConfig(file, options), new UnreadableConfig(message));
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
