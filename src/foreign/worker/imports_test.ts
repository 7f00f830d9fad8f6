import assert from "node:assert/strict";
import { NEIGHBOUR } from "../../files/testing.ts";
import { loadError } from "./explain.ts";
import { site, source } from "./testing.ts";

/** A driver that imports `specifier`, by `how`: import or require. */
const importing = (specifier: string, how: string) =>
  how === "import" ? `import "${specifier}"; ${source("acme.Importer", OPEN)}` : `
    import { createRequire } from "node:module";
    createRequire(import.meta.url)("${specifier}");
    ${source("acme.Importer", OPEN)}`;

const OPEN = "open: () => ({ calls: {} }),";

/** Code that leaves a mark when the module runs. */
const PLANTED = `Deno.writeTextFileSync(new URL("./ran", import.meta.url), "");`;

Deno.test("a driver imports files beside it and modules of the runtime", async () => {
  await using place = await site({
    "helper.mjs": `export { basename } from "node:path"; export const list = [1];`,
    "data.json": "[1]",
    "driver.ts": `
      import { basename, list } from "./helper.mjs";
      import data from "./data.json" with { type: "json" };
      import inline from "data:application/json,[2]" with { type: "json" };
      import fs from "node:fs";
      import { createRequire } from "node:module";
      const os = createRequire(import.meta.url)("os");
      const late = await import("./helper.mjs");
      if (!basename || !fs || !os.cpus || late.list !== list || data[0] + inline[0] !== 3) throw 1;
      ${source("acme.Importer", OPEN)}`,
  });
  await place.factory("acme.Importer");
});

for (const how of ["import", "require"]) {
  Deno.test(`a file that others can write is not run by ${how}, and the error names it`, async () => {
    await using place = await site({ "driver.ts": importing("./lib/helper.mjs", how) });
    const lib = `${place.dir}/lib`;
    await Deno.mkdir(lib);
    await Deno.writeTextFile(`${lib}/helper.mjs`, PLANTED, { mode: 0o600 });
    const spoilt: [() => Promise<void>, () => Promise<void>, RegExp][] = [
      [
        () => Deno.chmod(`${lib}/helper.mjs`, 0o666),
        () => Deno.chmod(`${lib}/helper.mjs`, 0o600),
        /can write \S+helper\.mjs, found mode 0666; look at what is in it, then run: chmod go-w/,
      ],
      [
        () => Deno.chmod(lib, 0o777),
        () => Deno.chmod(lib, 0o700),
        /only the owner can write \S+lib, found mode 0777/,
      ],
      [
        () => Deno.chown(`${lib}/helper.mjs`, NEIGHBOUR, NEIGHBOUR),
        () => Deno.chown(`${lib}/helper.mjs`, 0, 0),
        /helper\.mjs to belong to root, found uid 65534/,
      ],
      [
        () => Deno.chown(lib, NEIGHBOUR, NEIGHBOUR),
        () => Deno.chown(lib, 0, 0),
        /lib to belong to root, found uid 65534/,
      ],
    ];
    for (const [spoil, mend, expected] of spoilt) {
      await spoil();
      const problem = await warningOf(place.dir);
      assert.match(problem, /Cannot import '\.\/lib\/helper\.mjs' into \S+driver\.ts: expected/);
      assert.match(problem, expected);
      assert.doesNotMatch(problem, /DriverError|that can be loaded/);
      await assert.rejects(Deno.lstat(`${lib}/ran`), Deno.errors.NotFound);
      await mend();
    }
  });
}

Deno.test("a node_modules folder that others can write is not used", async () => {
  await using place = await site({});
  const outer = `${place.dir}/shared`;
  await Deno.mkdir(`${outer}/node_modules/supports-color`, { recursive: true });
  await Deno.mkdir(`${outer}/drivers`);
  await Deno.writeTextFile(`${outer}/node_modules/supports-color/index.js`, PLANTED);
  await Deno.writeTextFile(`${outer}/drivers/driver.ts`, importing("supports-color", "require"), {
    mode: 0o600,
  });
  await Deno.chmod(`${outer}/node_modules`, 0o777);
  const problem = await warningOf(`${outer}/drivers`);
  assert.match(problem, /Cannot import 'supports-color' .*node_modules, found mode 0777/);
  await Deno.chmod(`${outer}/node_modules`, 0o755);
  await Deno.chmod(outer, 0o777);
  assert.match(await warningOf(`${outer}/drivers`), /only the owner can write \S+shared, found/);
});

Deno.test("nothing is imported from the network or a registry", async () => {
  for (const specifier of ["npm:left-pad", "jsr:@std/path", "https://example.org/x.ts"]) {
    // Not a literal, which the runtime itself refuses by its flags or its lock file.
    const code = `await import("${specifier}".trim()); ${source("acme.Importer", OPEN)}`;
    await using place = await site({ "driver.ts": code });
    const problem = await warningOf(place.dir);
    assert.match(problem, /driver\.ts: .*expected a file or a module of the runtime/);
    assert.ok(problem.includes(specifier));
  }
});

/** The warnings of an exporter about the one driver in a folder. */
async function warningOf(dir: string): Promise<string> {
  await using fresh = await site({}, {}, dir);
  await assert.rejects(fresh.factory("acme.Importer"));
  return fresh.warnings.join("\n");
}

Deno.test("packages and URLs are refused with what to do instead", async () => {
  const specifiers = {
    "left-pad": /downloads no packages; bundle the driver and the package into one file/,
    "http://127.0.0.1:1/x/mod.ts": /loads no code from the network; copy the module beside/,
  };
  await using place = await site({});
  let number = 0;
  for (const [specifier, advice] of Object.entries(specifiers)) {
    const file = `d${++number}.ts`;
    await place.write(file, importing(specifier, "import"));
    const problem = await place.problem(`./${file}`);
    assert.ok(problem.includes(`Cannot import '${specifier}': expected a file or a module of the`));
    assert.match(problem, advice);
  }
});

Deno.test("a package is refused, whatever the runtime says of it", async () => {
  await using place = await site({});
  const path = await place.write("d.ts", `// A driver\n${importing("npm:left-pad", "import")}`);
  const said = {
    // Of the executable, and of the sources, whose lock file is frozen.
    executable: `npm specifiers were requested; but --no-npm is specified at file://${path}:2:8`,
    sources: "The lockfile is out of date. Run `deno install --frozen=false`",
  };
  for (const message of Object.values(said)) {
    assert.match(
      loadError(path, new TypeError(message)).message,
      /^Cannot load the driver file \S+: Cannot import 'npm:left-pad': .* downloads no packages/,
    );
  }
  const jsr = await place.write("j.ts", `// A driver\n${importing("jsr:@std/path", "import")}`);
  const remote = "A remote specifier was requested, but --no-remote is specified.";
  assert.match(
    loadError(jsr, new TypeError(`${remote} at file://${jsr}:2:8`)).message,
    /Cannot import 'jsr:@std\/path': .* downloads no packages; bundle/,
  );
  const other = await place.write("e.ts", `// A driver\n${importing("zod", "import")}`);
  assert.match(
    loadError(other, new TypeError(`Import "zod" not a dependency at file://${other}:2:8`)).message,
    /Cannot import 'zod': .* take z from the argument of the exported function$/,
  );
});
