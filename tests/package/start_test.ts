/** The packed file for this machine: its first start, its later ones, and what can go wrong. */
import assert from "node:assert/strict";
import * as families from "../../drivers/families.ts";
import { manifests } from "../../drivers/mod.ts";
import { Artefact, HANG_MS } from "./artefact.ts";
import { believesNobody } from "./believes_nobody.ts";
import { plantAbove } from "./planted.ts";

const root = new URL("../../", import.meta.url).pathname;

/** What `jmp check --json` says of a config. */
interface CheckReport {
  readonly file: string;
  readonly valid: boolean;
  readonly drivers: readonly { readonly type: string; readonly message?: string }[];
}

Deno.test("the packed file", async (t) => {
  await using artefact = await Artefact.build();

  await t.step("is listed in checksums.txt and no larger than 45 MB", async () => {
    const { dir, file } = artefact;
    const { success } = await new Deno.Command("sha256sum", {
      args: ["--check", "--strict", "--quiet", "checksums.txt"],
      cwd: dir,
    }).output();
    assert.ok(success);
    assert.ok((await Deno.stat(file)).size < 45e6);
  });

  await t.step("unpacks once, however many start at once", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => artefact.run(["version"])));
    for (const { code, out, err } of runs) {
      assert.equal(code, 0, err);
      assert.match(out, /^jmp \d+\.\d+\.\d+ \(packed from .+, (x86_64|aarch64), Deno 2\./);
    }
    assert.equal(artefact.unpacked().length, 1);
    assert.match(artefact.unpacked()[0]!, /^unpacked-\d+\.\d+\.\d+-[0-9a-f]{16}$/);
  });

  await t.step("changes nothing at a later start", async () => {
    const home = `${artefact.cache}/${artefact.unpacked()[0]}`;
    const before = await Deno.stat(`${home}/main.js`);
    assert.equal((await artefact.run(["version"])).code, 0);
    const after = await Deno.stat(`${home}/main.js`);
    assert.deepEqual([after.ino, after.mtime], [before.ino, before.mtime]);
  });

  await t.step("finds nothing in the folders above", async () => {
    await using above = await plantAbove(artefact.dir);
    for (const args of [["version"], ["check", above.config], ["run", "--help"]]) {
      const { code, out, err } = await artefact.run(args);
      assert.equal(code, 0, out + err);
      assert.doesNotMatch(out + err, /PLANTED/);
    }
  });

  await t.step("has the code of every driver, and loads it", async () => {
    const files = Object.keys(families).map((name) => `${root}drivers/${name}/sample.yaml`);
    const { out, err } = await artefact.run(["check", "--json", ...files]);
    const reports = JSON.parse(out) as CheckReport[];
    assert.equal(reports.length, files.length, err);
    const rows = reports.flatMap(({ drivers }) => drivers);
    for (const { file, valid } of reports) assert.ok(valid, file);
    for (const { message = "" } of rows) assert.doesNotMatch(message, /Cannot load|this version/);
    const types = new Set(rows.map(({ type }) => type));
    assert.deepEqual(manifests.map(({ type }) => type).filter((type) => !types.has(type)), []);
  });

  await t.step("prints the licenses of what is built in", async () => {
    const { code, out, err } = await artefact.run(["licenses"]);
    assert.equal(code, 0, err);
    assert.equal(out, await Deno.readTextFile(`${artefact.dir}/NOTICES`));
    const { packages } = JSON.parse(await Deno.readTextFile(`${artefact.dir}/jmp.spdx.json`));
    for (const { name, versionInfo } of packages) {
      if (name !== "jmp") {
        assert.ok(out.includes(versionInfo ? `${name} ${versionInfo}` : name), name);
      }
    }
    assert.match(out, /Copyright 2018-2026 the Deno authors/);
  });

  await t.step("mends what was damaged", async () => {
    const home = `${artefact.cache}/${artefact.unpacked()[0]}`;
    await Deno.truncate(`${home}/src/cli/main.js`, 1000);
    assert.equal((await artefact.run(["version"])).code, 0);
    assert.ok((await Deno.stat(`${home}/src/cli/main.js`)).size > 1000);
  });

  await t.step("removes other versions, but not other people's files", async () => {
    const { cache } = artefact;
    await Deno.mkdir(`${cache}/unpacked-0.0.1-0123456789abcdef`);
    await Deno.writeTextFile(`${cache}/unpacked-0.0.1-0123456789abcdef/main.js`, "");
    await Deno.mkdir(`${cache}/unpacked-photos`);
    await Deno.truncate(`${cache}/${(await home()).name}/main.js`, 0);
    assert.equal((await artefact.run(["version"])).code, 0);
    assert.deepEqual(artefact.unpacked().sort(), [(await home()).name, "unpacked-photos"]);

    // deno-lint-ignore require-await -- a promise as its callers expect
    async function home() {
      const name = artefact.unpacked().find((name) => /^unpacked-0\.[1-9]/.test(name));
      return { name: name! };
    }
  });

  await t.step("says that it was damaged on its way", async () => {
    const file = `${artefact.dir}/damaged`;
    await Deno.copyFile(artefact.file, file);
    using opened = await Deno.open(file, { write: true });
    await opened.seek(-1000, Deno.SeekMode.End);
    await opened.write(new TextEncoder().encode("damage"));
    opened.close();
    const { code, err } = await artefact.run(["version"], { file, cache: `${artefact.dir}/none` });
    assert.equal(code, 1);
    assert.match(err, /^jmp: Cannot unpack .*damaged: expected contents with sha256 [0-9a-f]{64}/);
    assert.ok(err.includes("copy it again"), err);
  });

  await t.step("says why it cannot be unpacked anywhere", async () => {
    const { code, err } = await artefact.run(["version"], { cache: "/proc/nowhere" });
    assert.equal(code, 1);
    assert.match(err, /expected a folder with \d+ kB free from which programs start/);
    assert.match(err, /\/proc\/nowhere: No such file or directory\n.*JMP_CACHE_DIR/);
  });

  await believesNobody(t, artefact);

  await t.step("leaves nothing of itself in the environment of what it runs", async () => {
    const config = `${artefact.dir}/bench.yaml`;
    await Deno.writeTextFile(config, CONFIG);
    await Deno.writeTextFile(`${artefact.dir}/custom.ts`, CUSTOM);
    const shell = ["shell", "--exporter-config", config, "--", "env"];
    const { code, out, err } = await artefact.run(shell);
    assert.equal(code, 0, err);
    assert.match(out, /^JUMPSTARTER_HOST=/m);
    assert.doesNotMatch(out, /^DENO_/m);
    assert.match(err, /a driver in TypeScript is open/);
  });

  await t.step("goes on when its cache is removed while it runs", async () => {
    await testWith(artefact, "tests/package/cleaned.ts", `${artefact.dir}/removed`);
  });

  await t.step("serves the documentation's config to an official client", async () => {
    await testWith(artefact, "tests/official/documentation_test.ts", artefact.cache);
  });
});

/** Runs the one test of `path` with the file. */
async function testWith({ file }: Artefact, path: string, cache: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", path],
    cwd: root,
    env: { NO_COLOR: "1", JMP_TEST_BINARY: file, JMP_CACHE_DIR: cache },
    signal: AbortSignal.timeout(HANG_MS),
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, text);
  assert.match(text, /1 passed/);
}

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
  custom: { type: ./custom.ts }
`;

const CUSTOM = `export default ({ defineDriver, z }: { defineDriver: any; z: any }) =>
  defineDriver({
    client: "jumpstarter_driver_power.client.PowerClient",
    config: z.strictObject({}),
    open({ log }: { log: { info(message: string): void } }) {
      log.info("a driver in TypeScript is open" satisfies string);
      return { calls: { on() {}, off() {} } };
    },
  });
`;
