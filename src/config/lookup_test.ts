import assert from "node:assert/strict";
import { join } from "node:path";
import { configDirs, driverDirs, userDir } from "./folders.ts";
import { findConfig, listConfigs } from "./lookup.ts";

interface Folders {
  readonly env: Record<string, string>;
  readonly user: string;
  readonly system: string;
}

/** Runs `test` with empty folders of configs, and removes them. */
async function withFolders(test: (folders: Folders) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-lookup-" });
  try {
    const [home, system] = [join(dir, "home"), join(dir, "etc")];
    await Deno.mkdir(join(home, "exporters"), { recursive: true });
    await Deno.mkdir(join(system, "exporters"), { recursive: true });
    await test({ env: { JMP_CLIENT_CONFIG_HOME: home }, user: join(home, "exporters"), system });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const touch = (...path: string[]) => Deno.writeTextFile(join(...path), "");

Deno.test("userDir() checks the variables in the official order", () => {
  const all = { JMP_CLIENT_CONFIG_HOME: "/j", XDG_CONFIG_HOME: "/x", HOME: "/h" };
  assert.equal(userDir(all), "/j");
  assert.equal(userDir({ ...all, JMP_CLIENT_CONFIG_HOME: "" }), "/x/jumpstarter");
  assert.equal(userDir({ HOME: "/h" }), "/h/.config/jumpstarter");
  assert.equal(userDir({ HOME: "/h", XDG_CONFIG_HOME: "." }), "/h/.config/jumpstarter");
  for (const name of ["JMP_CLIENT_CONFIG_HOME", "XDG_CONFIG_HOME", "HOME"]) {
    assert.throws(() => userDir({ [name]: `/${"x".repeat(100_000)}` }), {
      message:
        `${name}: expected the path of a folder, found 100001 characters; correct or unset it`,
    });
  }
  assert.deepEqual(driverDirs(all), ["/j/drivers", "/etc/jumpstarter/drivers"]);
  assert.deepEqual(configDirs(all), ["/j/exporters", "/etc/jumpstarter/exporters"]);
});

Deno.test("findConfig() prefers the user's config", () =>
  withFolders(async ({ env, user, system }) => {
    await touch(system, "exporters", "bench.yaml");
    assert.equal(await findConfig("bench", env, system), join(system, "exporters/bench.yaml"));
    await touch(user, "bench.yaml");
    assert.equal(await findConfig("bench", env, system), join(user, "bench.yaml"));
  }));

Deno.test("listConfigs() omits system configs with the name of a user's, and files other than .yaml", () =>
  withFolders(async ({ env, user, system }) => {
    await touch(system, "exporters", "a.yaml");
    await touch(system, "exporters", "b.yaml");
    await touch(user, "b.yaml");
    await touch(user, "c.yml");
    assert.deepEqual(await listConfigs(env, system), [
      { alias: "b", file: join(user, "b.yaml") },
      { alias: "a", file: join(system, "exporters/a.yaml") },
    ]);
  }));

Deno.test("findConfig() names the folders that it searched and the configs in them", () =>
  withFolders(async ({ env, user, system }) => {
    const tried =
      `expected ${join(user, "bnch.yaml")} or ${join(system, "exporters/bnch.yaml")}, ` +
      "found neither; ";
    await assert.rejects(findConfig("bnch", env, system), {
      message: `Cannot find exporter config 'bnch': ${tried}there are no exporter configs yet`,
    });
    await touch(user, "bench.yaml");
    await assert.rejects(findConfig("bnch", env, system), {
      message:
        `Cannot find exporter config 'bnch': ${tried}there are: bench; did you mean 'bench'?`,
    });
    await touch(user, "bnch.yml");
    await assert.rejects(findConfig("bnch", env, system), {
      message: `Cannot find exporter config 'bnch': ${tried}there are: bench; ` +
        `${join(user, "bnch.yml")} exists: rename it to end in .yaml`,
    });
  }));

Deno.test("findConfig() refuses paths as names", async () => {
  for (const alias of ["", ".", "..", "a/b", "a\\b"]) {
    await assert.rejects(findConfig(alias, {}, "/nonexistent"), /expected a plain name/);
  }
});
