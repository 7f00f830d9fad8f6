/** The packed file for this machine: its first start, its later ones, and what can go wrong. */
import assert from "node:assert/strict";
import { build } from "../../scripts/build/main.ts";
import { executableName, type Target, targetsOf } from "../../scripts/build/targets.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Long enough for a loaded machine; a test that needs it has hung. */
const HANG_MS = 180_000;

/** A built file in a folder of its own, and a folder to unpack it into. */
class Artefact implements AsyncDisposable {
  readonly file: string;
  readonly cache: string;

  private constructor(readonly dir: string, target: Target) {
    this.file = `${dir}/${executableName(target)}`;
    this.cache = `${dir}/cache`;
  }

  static async build(): Promise<Artefact> {
    const [target] = targetsOf(Deno.build.arch);
    const dir = await Deno.makeTempDir({ prefix: "jmp-packed-" });
    await build({ targets: [target!], via: "pack", out: dir });
    return new Artefact(dir, target!);
  }

  /** Runs it to its end. */
  async run(args: string[], { cache = this.cache, file = this.file } = {}) {
    const { code, stdout, stderr } = await new Deno.Command(file, {
      args,
      cwd: this.dir,
      env: { NO_COLOR: "1", JMP_CACHE_DIR: cache },
      stdin: "null",
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr) };
  }

  unpacked(cache = this.cache): string[] {
    return Array.from(Deno.readDirSync(cache), ({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
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
    await using above = await plant(artefact.dir);
    for (const args of [["version"], ["check", above.config], ["run", "--help"]]) {
      const { code, out, err } = await artefact.run(args);
      assert.equal(code, 0, out + err);
      assert.doesNotMatch(out + err, /PLANTED/);
    }
  });

  await t.step("mends what was damaged", async () => {
    const home = `${artefact.cache}/${artefact.unpacked()[0]}`;
    await Deno.truncate(`${home}/main.js`, 1000);
    assert.equal((await artefact.run(["version"])).code, 0);
    assert.ok((await Deno.stat(`${home}/main.js`)).size > 1000);
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

  await t.step("serves the documentation's config to an official client", async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "tests/official/documentation_test.ts"],
      cwd: root,
      env: { NO_COLOR: "1", JMP_TEST_BINARY: artefact.file, JMP_CACHE_DIR: artefact.cache },
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, text);
    assert.match(text, /1 passed/);
  });
});

/** What a neighbour may leave in the folders above a cache, and a config that makes use of all. */
async function plant(dir: string): Promise<AsyncDisposable & { config: string }> {
  await using scope = new AsyncDisposableStack();
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${dir}/${path}`, text);
    scope.defer(() =>
      Deno.remove(`${dir}/${path.split("/")[0]}`, { recursive: true }).catch(() => {})
    );
  };
  const evil = 'console.error("PLANTED"); module.exports = {};';
  const names = ["bufferutil", "utf-8-validate", "supports-color", "usb", "ws", "zod", "node:fs"];
  for (const name of names) await write(`node_modules/${name}/index.js`, evil);
  await write("node_modules/@node-usb/usb-linux-x64-gnu/index.js", evil);
  await write("package.json", "{ this is no JSON");
  await write("deno.json", "{ this is no JSON");
  await write("deno.lock", "{ this is no JSON");
  await write("import_map.json", '{ "imports": { "node:fs": "./node_modules/ws/index.js" } }');
  await write(".npmrc", "registry=http://127.0.0.1:1/");
  await write(".env", "NODE_OPTIONS=--require ./node_modules/ws/index.js");
  await write("above.yaml", ABOVE);
  const undo = scope.move();
  return {
    config: `${dir}/above.yaml`,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

const ABOVE = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  ws: { type: jumpstarter_driver_network.driver.WebsocketNetwork, config: { url: "ws://127.0.0.1:1/" } }
`;

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
