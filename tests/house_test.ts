/** The sources themselves: rooms, generated code, lists, the pinned Deno. */
import assert from "node:assert/strict";
import { manifests } from "../drivers/mod.ts";
import { strayArrows } from "../scripts/arrows.ts";
import { circles, findCircles } from "../scripts/circles.ts";
import { generate } from "../scripts/gen.ts";
import { SDK_TYPES, sdkTypes } from "../scripts/sdk_types.ts";
import { unusedExports } from "../scripts/unused_exports.ts";
import { CustomDrivers } from "../src/foreign/worker/mod.ts";
import { DriverError, type DriverManifest } from "../src/driver/mod.ts";
import { openDriver } from "../src/tree/testing.ts";

const root = new URL("../", import.meta.url).pathname;

/** The names of the folders in one. */
async function foldersIn(dir: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(dir));
  return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
}

Deno.test("src/README.md lists every room, and nothing else", async () => {
  const text = await Deno.readTextFile(`${root}src/README.md`);
  const listed = Array.from(
    text.matchAll(/^\| \[`src\/([^`]+)`\]\(\1\) +\|/gm),
    ([, room]) => room!,
  );
  assert.deepEqual(listed.sort(), await foldersIn(`${root}src`));
});

Deno.test("drivers/README.md lists the official types that are built in, and nothing else", async () => {
  const text = await Deno.readTextFile(`${root}drivers/README.md`);
  const cells = Array.from(text.matchAll(/^\| `(?:\w+\.)+\w+`[^|]*/gm), ([cell]) => cell);
  const listed = cells.flatMap((cell) => {
    const [first, ...others] = Array.from(cell.matchAll(/`([\w.]+)`/g), ([, name]) => name!);
    const prefix = first!.slice(0, first!.lastIndexOf(".") + 1);
    return [first!, ...others.map((name) => prefix + name)];
  });
  const types = manifests.map(({ type }) => type).filter((type) => type.startsWith("jumpstarter_"));
  assert.deepEqual(listed.sort(), types.sort());
});

Deno.test("no room imports what the house does not allow", async () => {
  assert.deepEqual(await strayArrows(), []);
});

Deno.test("the C library is opened by one call, and called from one room", async () => {
  const places = new Map<string, string[]>([["Deno.dlopen(", []], ["functions({", []]]);
  for (const room of ["src", "drivers"]) {
    for (const [path, text] of await filesBelow(`${root}${room}`, `${room}/`)) {
      for (const [call, found] of places) if (text.includes(call)) found.push(path);
    }
  }
  assert.deepEqual(places.get("Deno.dlopen("), ["src/libc/libc.ts"]);
  assert.deepEqual(places.get("functions({")!.filter((path) => !path.startsWith("src/libc/")), []);
});

Deno.test("no files and no rooms import each other in a circle", async () => {
  assert.deepEqual(await circles(), []);
});

Deno.test("findCircles() finds each circle once, and nothing that only leads to one", () => {
  const graph = new Map(Object.entries({
    a: new Set(["b", "shared"]),
    b: new Set(["c", "d"]),
    c: new Set(["a"]),
    d: new Set(["e"]),
    e: new Set(["d"]),
    entry: new Set(["a", "shared"]),
  }));
  assert.deepEqual(findCircles(graph), [["d", "e"], ["a", "b", "c"]]);
});

Deno.test("every value that a file of src exports is imported somewhere", async () => {
  assert.deepEqual(await unusedExports(), []);
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

/** What concerns every exporter of a process, and is its owner's; and the files that do it for owners. */
const OF_THE_PROCESS =
  /addSignalListener|addEventListener\("(?:error|unhandledrejection)"|Deno\.exit|ServiceManager\(|\/(?:signals|foreground)\.ts"/;
const FOR_OWNERS = /^(?:base\/signals|subprocess\/foreground)\.ts$/;

Deno.test("only the owner of the process and the command lines handle signals and stray errors", async () => {
  for (const [path, text] of await filesBelow(`${root}src`)) {
    if (/^(process|cli|j)\/|_test\.ts$|testing\.ts$/.test(path) || FOR_OWNERS.test(path)) continue;
    assert.doesNotMatch(text, OF_THE_PROCESS, path);
  }
  const owner = await Deno.readTextFile(`${root}src/process/stray_errors.ts`);
  assert.match(owner, OF_THE_PROCESS);
});

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

Deno.test("the types of custom drivers are those of the SDK", async () => {
  const committed = await Deno.readTextFile(`${root}${SDK_TYPES}`);
  assert.equal(committed, await sdkTypes(), `${SDK_TYPES} is stale: run deno task gen`);
  const values = Array.from(
    /^export interface Sdk \{([^}]*)\}/m.exec(committed)![1]!.matchAll(/readonly (\w+):/g),
    ([, name]) => name!,
  );
  assert.deepEqual(values.sort(), Object.keys(await import("../src/driver/mod.ts")).sort());
});

Deno.test("every driver folder has a manifest that is in the list, a sample and a README", async () => {
  for (const family of await foldersIn(`${root}drivers`)) {
    const declared = await import(`../drivers/${family}/manifest.ts`);
    const types = Object.values<DriverManifest>(declared).map(({ type }) => type);
    assert.ok(types.length > 0, `drivers/${family}/manifest.ts declares no driver`);
    const readme = await Deno.readTextFile(`${root}drivers/${family}/README.md`);
    for (const type of types) {
      const listed = manifests.some((manifest) => manifest.type === type);
      assert.ok(listed, `${type} of drivers/${family} is not in drivers/families.ts`);
      assert.ok(readme.includes(type.split(".").at(-1)!), `drivers/${family}/README.md: ${type}`);
    }
    const sample = await Deno.readTextFile(`${root}drivers/${family}/sample.yaml`);
    const shown = Array.from(sample.matchAll(/type: "?([\w.]+)/g), ([, type]) => type!);
    assert.ok(shown.some((type) => types.includes(type)), `drivers/${family}/sample.yaml`);
  }
});

/** The modules that a module loads, without dynamic imports: paths from the root, npm packages. */
async function loadedWith(module: string): Promise<Set<string>> {
  const args = ["info", "--json", module];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      dependencies?: { isDynamic?: true; code?: { specifier: string } }[];
    }[];
  };
  const known = new Map(modules.map(({ specifier, dependencies }) => [specifier, dependencies]));
  const loaded = new Set<string>();
  const load = (specifier: string) => {
    const short = specifier.replace(`file://${root}`, "");
    if (loaded.has(short)) return;
    loaded.add(short);
    for (const { isDynamic, code } of known.get(specifier) ?? []) {
      if (code && !isDynamic) load(code.specifier);
    }
  };
  load(`file://${root}${module}`);
  return loaded;
}

Deno.test("the list of drivers loads none of their code", async () => {
  const loaded = [...await loadedWith("drivers/mod.ts")];
  assert.ok(loaded.includes("drivers/power/manifest.ts"));
  const packages = loaded.filter((name) => name.startsWith("npm:"));
  assert.ok(packages.every((name) => /^npm:\/?zod@/.test(name)), packages.join());
  const code = manifests.map(({ load }) => /import\("\.\/(\w+\.ts)"\)/.exec(String(load))?.[1]);
  assert.ok(code.filter((file) => file !== undefined).length > 10);
  const early = loaded.filter((path) => {
    return path.startsWith("drivers/") && code.includes(path.split("/").at(-1)!);
  });
  assert.deepEqual(early, []);
  const heavy = /^src\/(codec|hardware\/(usb|storage|http)|tree|wire\/(http2|grpc|gen))\//;
  assert.deepEqual(loaded.filter((path) => heavy.test(path)), []);
});

Deno.test("the code of every driver can be loaded, and discovers what the manifest says", async () => {
  for (const { type, discoverable = false, load } of manifests) {
    const { open, discover } = await load();
    assert.equal(typeof open, "function", type);
    assert.equal(discover !== undefined, discoverable, type);
  }
});

Deno.test("one version of Deno is pinned, and every document names that one", async () => {
  const pinned = (await Deno.readTextFile(`${root}.dvmrc`)).trim();
  assert.equal(Deno.version.deno, pinned);
  for (const file of ["README.md", "CONTRIBUTING.md", "tests/bench/README.md", ".ci/run"]) {
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

Deno.test("the custom driver that drivers/README.md shows is short, and works", async () => {
  const readme = await Deno.readTextFile(`${root}drivers/README.md`);
  const [, code] = /```ts\n(\/\/ \/etc\/jumpstarter\/drivers[^]*?)```/.exec(readme)!;
  assert.ok(code!.split("\n").length < 26);
  const dir = await Deno.makeTempDir({ prefix: "jmp-readme-" });
  try {
    await Deno.writeTextFile(`${dir}/custom.ts`, code!, { mode: 0o600 });
    await using custom = new CustomDrivers({ dirs: [dir] });
    const manifest = await custom.find("vendorpackage.CustomDriver", `${dir}/exporter.yaml`);
    assert.ok(manifest && !(manifest instanceof DriverError), String(manifest));
    await using relay = await openDriver(manifest, { hello: "world" });
    await relay.call("on");
    await assert.rejects(relay.call("on"), /already on/);
    assert.deepEqual(await relay.stream("read"), [{ voltage: 5, current: 0.1 }]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
