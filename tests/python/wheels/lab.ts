/** Hosted drivers at work: what they drive, an exporter under one lease, and the official library. @module */
import assert from "node:assert/strict";
import { TestController } from "../../controller/controller.ts";
import { ChildProcess, run } from "../../official/process.ts";
import { startLeasable } from "../../official/transports.ts";
import { freeUdpPort, startAgent, startBroker } from "./daemons.ts";
import { officialDrivers } from "./environment.ts";
import { driverTree, type Places } from "./tree.ts";

const programs = new URL("./programs/", import.meta.url).pathname;
/** Holds what the programs share with those of the other suites. */
const shared = new URL("../../official/programs/", import.meta.url).pathname;

/** A lease of the hosted drivers. */
export interface Lab extends AsyncDisposable {
  readonly places: Places;
  /** What the exporter has said so far. */
  log(): string;
  /** Runs a Python program of `programs/`. @returns its result */
  use<T>(program: string, ...args: string[]): Promise<T>;
  /** The flash of the simulated ESP32 up to its last byte that is not 0xff. */
  flash(): Promise<Uint8Array>;
}

/** The folder and the environment of an exporter, as {@linkcode startLeasable} takes them. */
export interface Site {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  write(name: string, text: string): Promise<string>;
}

/** Starts the exporter under test, and waits until it could be leased. */
export type Start = (
  site: Site,
  controller: TestController,
  name: string,
  tree: Record<string, unknown>,
) => Promise<AsyncDisposable & { readonly child: { readonly log: string } }>;

/** Opens a lab; disposing it ends all that it started. */
export async function openLab(start: Start = startLeasable): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const bin = await officialDrivers();
  const dir = await Deno.makeTempDir({ prefix: "jmp-python-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const devices = stack.use(await openDevices(dir, bin));
  const env = { JMP_CLIENT_CONFIG_HOME: dir, JMP_PYTHON: `${bin}/python` };
  const site: Site = {
    dir,
    env,
    async write(name, text) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    },
  };
  const controller = stack.use(await TestController.start());
  controller.addClient({ name: "tester" });
  const exporter = stack.use(
    await start(site, controller, "board", driverTree(devices.places)),
  );
  const config = await site.write(
    "client.yaml",
    controller.clientConfigYaml("tester", { unsafe: true }),
  );
  const lease = controller.lease("board", "tester");
  const client = {
    ...env,
    ...{ TEST_CLIENT_CONFIG: config, JMP_LEASE: lease.name, PYTHONPATH: shared },
    ...{ PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  };
  const owned = stack.move();
  return {
    places: devices.places,
    log: () => exporter.child.log,
    flash: devices.flash,
    async use(program, ...args) {
      const argv = [`${bin}/python`, "-W", "ignore", `${programs}${program}.py`, ...args];
      const ended = await run(argv, { env: client });
      assert.equal(ended.code, 0, `${program}.py ended with ${ended.code}:\n${ended.stderr}`);
      return JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? "");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Starts what the drivers work with. */
async function openDevices(dir: string, bin: string) {
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await startAgent(dir));
  const broker = stack.use(await startBroker(dir));
  const argv = [`${bin}/python`, "-W", "ignore", `${programs}counterparts.py`, `${broker.port}`];
  const simulated = stack.use(new ChildProcess(argv, { keepStdin: true }));
  const [line] = await simulated.saying(/^\{"esp32".*\}$/m);
  const { esp32, noyito, ...ports } = JSON.parse(line);
  const probe = `${dir}/probe-rs`;
  await Deno.writeTextFile(probe, PROBE, { mode: 0o755 });
  const places: Places = {
    ...{ dir, agent, probe },
    serial: { esp32, noyito },
    ports: {
      ...ports,
      mqtt: broker.port,
      tftp: await freeUdpPort(),
      someip: [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()],
    },
  };
  const owned = stack.move();
  return {
    places,
    async flash() {
      await simulated.type("flash\n");
      const [, hex] = await simulated.saying(/^\{"flash": "([0-9a-f]*)"\}$/m);
      return Uint8Array.from(hex!.match(/../g) ?? [], (digits) => parseInt(digits, 16));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Tells its arguments and the chip, as nothing that this machine has could. */
const PROBE = `#!/bin/sh
case $1 in
  read) echo "deadbeef cafebabe" ;;
  *) echo "$PROBE_RS_CHIP: $*" ;;
esac
`;
