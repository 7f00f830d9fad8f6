/** Files that a neighbour plants in folders that others can write. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { until } from "../until.ts";
import { stringify } from "yaml";
import { type Host, type HostAttack, NEIGHBOUR } from "./host.ts";

const PRECIOUS = "what nobody else may change\n";

const KIND = { apiVersion: "jumpstarter.dev/v1alpha1", kind: "ExporterConfig" };

/** A config whose drivers load further files. */
function config(): string {
  const network = "jumpstarter_driver_network.driver";
  const metadata = { namespace: "lab", name: "attacked" };
  const ws = { type: `${network}.WebsocketNetwork`, config: { url: "ws://127.0.0.1:1/" } };
  const power = { type: "jumpstarter_driver_power.driver.MockPower" };
  const relay = { type: "jumpstarter_driver_yepkit.driver.Ykush" };
  return stringify({ ...KIND, metadata, export: { ws, power, relay } });
}

/** @throws {Error} if planted code has run */
function requireUnowned(text: string): void {
  if (text.includes("PLANTED")) throw new Error("code of a neighbour ran as the exporter");
}

const plantedModules: HostAttack = {
  name: "planted-modules",
  async run(host) {
    const tmp = `${host.dir}/tmp`;
    await Deno.mkdir(tmp);
    await Deno.chmod(tmp, 0o1777);
    await Deno.chmod(host.dir, 0o755);
    const evil = 'console.error("PLANTED"); module.exports = {};';
    const names = ["bufferutil", "utf-8-validate", "supports-color", "usb", "ws", "zod"];
    await host.neighbour(
      names.map((name) => {
        const module = `${tmp}/node_modules/${name}`;
        const about = JSON.stringify({ name, version: "4.0.0", main: "index.js" });
        return `mkdir -p '${module}'
          echo '${about}' >'${module}/package.json'
          echo '${evil}' >'${module}/index.js'`;
      }).join("\n"),
    );
    await tryAll(host, tmp);
    await host.neighbour(
      `printf '{ no JSON' >'${tmp}/package.json'; printf '{ no' >'${tmp}/deno.json'`,
    );
    await tryAll(host, tmp);
    return `${names.length} modules and two configs above the program's folder`;
  },
};

/** Starts in a folder below `tmp`, and loads everything that can be loaded. */
async function tryAll(host: Host, tmp: string): Promise<void> {
  const file = await host.write("exporter.yaml", config());
  const cache = await host.folder(`${tmp}/cache`);
  for (const args of [["version"], ["check", file]]) {
    const { code, stdout, stderr } = await host.run(args, { JMP_CACHE_DIR: cache });
    requireUnowned(stdout + stderr);
    // `check` may report a missing relay, but must not load files from the folders above.
    if (args[0] === "version" && code !== 0) throw new Error(`it does not start: ${stderr}`);
  }
}

const foreignCache: HostAttack = {
  name: "foreign-cache",
  async run(host) {
    const own = await host.folder(`${host.dir}/own`);
    const first = await host.run(["version"], { JMP_CACHE_DIR: own });
    if (first.code !== 0) throw new Error(first.stderr);
    const shared = `${host.dir}/shared`;
    await Deno.mkdir(shared);
    await Deno.chmod(shared, 0o1777);
    await Deno.chmod(host.dir, 0o755);
    for (const { name } of Deno.readDirSync(own)) {
      await copyPlanted(`${own}/${name}`, `${shared}/${name}`);
    }
    const { code, stdout, stderr } = await host.run(["version"], { JMP_CACHE_DIR: shared });
    requireUnowned(stdout + stderr);
    return code === 0 ? "not used" : `refused: ${stderr.split("\n")[0]!.slice(0, 80)}`;
  },
};

/** A copy of the unpacked program that the neighbour owns and changed, with equal file sizes. */
async function copyPlanted(from: string, to: string): Promise<void> {
  const copied = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  if (!copied.success) throw new Error(new TextDecoder().decode(copied.stderr));
  const { size } = await Deno.stat(`${to}/main.js`);
  const evil = 'console.error("PLANTED"); Deno.exit(0);';
  await Deno.writeTextFile(`${to}/main.js`, evil.padEnd(size));
  await new Deno.Command("chown", { args: ["-R", `${NEIGHBOUR}:${NEIGHBOUR}`, to] }).output();
}

const plantedMemory: HostAttack = {
  name: "planted-memory",
  async run(host) {
    const places = [`/tmp/jumpstarter-${host.uid}`, `${host.dir}/tmp/jumpstarter-${host.uid}`];
    await Deno.chmod(host.dir, 0o755);
    await Deno.mkdir(`${host.dir}/tmp`);
    await Deno.chmod(`${host.dir}/tmp`, 0o1777);
    const victim = await host.write("precious", PRECIOUS);
    await using _undo = await plant(host, places, victim);
    await using controller = await TestController.start();
    const record = controller.addExporter({ name: "attacked" });
    controller.addClient({ name: "tester" });
    const hooks = { beforeLease: { script: "true" }, afterLease: { script: "true" } };
    const text = controller.exporterConfigYaml("attacked", {
      power: { type: "jumpstarter_driver_power.driver.MockPower" },
    }, { hooks, grpcOptions: { "grpc.ssl_target_name_override": "localhost" } });
    const file = await host.write("exporter.yaml", text);
    // The environment of sudo and containers: no folder of a service manager or a desktop.
    const none = { XDG_RUNTIME_DIR: "", RUNTIME_DIRECTORY: "" };
    const env = { TMPDIR: `${host.dir}/tmp`, ...none };
    const exporter = host.start(["run", "--exporter-config", file], env);
    await exporter.saying(/Registered as/);
    const lease = controller.lease("attacked", "tester");
    await until(() => record.status === ExporterStatus.EXPORTER_STATUS_LEASE_READY, 20_000);
    controller.endLease(lease);
    await exporter.saying(/The lease is over/);
    exporter.kill("SIGTERM");
    await exporter.finished(20_000);
    const found = await Deno.readTextFile(victim);
    if (found !== PRECIOUS) throw new Error(`a link led it to overwrite a file: ${found}`);
    return "a lease with hooks, its memory's folder planted";
  },
};

/** Folders of the neighbour with links to the victim, under every possible name. */
async function plant(host: Host, places: string[], victim: string): Promise<AsyncDisposable> {
  await using scope = new AsyncDisposableStack();
  const links = ["lab.attacked.lease.json", "lab.attacked.lease.json.new"];
  for (const place of places) {
    // A folder that the exporter's user has already made cannot be planted.
    if (await Deno.lstat(place).then(() => true, () => false)) continue;
    scope.defer(() => Deno.remove(place, { recursive: true }).catch(() => {}));
    await host.neighbour(
      `mkdir -m 777 '${place}'\n` +
        links.map((name) => `ln -s '${victim}' '${place}/${name}'`).join("\n"),
    );
  }
  return scope.move();
}

const cacheRemoved: HostAttack = {
  name: "cache-removed",
  async run(host) {
    const cache = await host.folder(`${host.dir}/cache`);
    const custom = `export default ({ defineDriver, z }) => defineDriver({
      client: "jumpstarter_driver_power.client.PowerClient",
      config: z.strictObject({}),
      open: () => ({ calls: { on() {}, off() {} } }),
    });`;
    await host.write("custom.js", custom);
    const file = await host.write(
      "exporter.yaml",
      stringify({
        ...KIND,
        metadata: { namespace: "lab", name: "attacked" },
        export: { custom: { type: "./custom.js" } },
      }),
    );
    const env = { JMP_CACHE_DIR: cache };
    const exporter = host.start(
      ["run", "--exporter-config", file, "--listen", `unix:${host.dir}/socket`],
      env,
    );
    await until(() => Deno.stat(`${host.dir}/socket`).then(() => true, () => false), 30_000);
    await Deno.remove(cache, { recursive: true });
    const check = await host.run(["check", file], env);
    if (check.code !== 0) {
      throw new Error(`check after the removal: ${check.stderr}${check.stdout}`);
    }
    exporter.kill("SIGTERM");
    const { code, stderr } = await exporter.finished(20_000);
    if (code !== 143) throw new Error(`the exporter ended with ${code}: ${stderr}`);
    return "a custom driver and an orderly end after the program's folder was removed";
  },
};

/** In the order in which they run. */
export const neighbours: readonly HostAttack[] = [
  plantedModules,
  foreignCache,
  plantedMemory,
  cacheRemoved,
];
