/** Every sample config is one that an exporter of this version starts with. */
import assert from "node:assert/strict";
import { manifests } from "../drivers/mod.ts";
import { parseConfig } from "../src/config/parse.ts";
import { createRegistry } from "../src/driver/manifest.ts";

const root = new URL("../", import.meta.url).pathname;

/** The configs that users are shown, as paths from the root. */
async function samples(): Promise<string[]> {
  const families = await Array.fromAsync(Deno.readDir(`${root}drivers`));
  const ofDrivers = families.filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `drivers/${name}/sample.yaml`);
  return [...ofDrivers, "src/cli/sample.yaml", "scripts/package/example.yaml"];
}

for (const path of await samples()) {
  Deno.test(`${path} is a config without a mistake`, async () => {
    const { config, diagnostics } = await parseConfig(await Deno.readTextFile(root + path), path, {
      registry: createRegistry(manifests),
      loader: { find: () => Promise.resolve(undefined) },
      env: {},
    });
    assert.deepEqual(diagnostics, []);
    assert.ok(config);
  });
}
