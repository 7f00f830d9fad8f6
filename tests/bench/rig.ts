/** What both exporters share during one benchmark: devices, a folder, the programs. @module */
import { officialClient } from "../official/environment.ts";
import { Peer } from "./peer.ts";

const programs = new URL("./programs/", import.meta.url).pathname;
const controllerProgram = new URL("./controller.ts", import.meta.url).pathname;

interface Devices {
  /** Paths of ptys that echo. */
  readonly pty: string;
  readonly bulk_pty: string;
  /** Port on 127.0.0.1 that echoes. */
  readonly tcp: number;
}

/** The rig; disposing it ends its processes and removes its folder. */
export interface Rig extends AsyncDisposable {
  readonly dir: string;
  /** The folder of the official programs. */
  readonly bin: string;
  /** The environment of exporters and clients: they read and leave no files of the user. */
  readonly env: Readonly<Record<string, string>>;
  /** The `export:` tree. */
  readonly tree: Record<string, unknown>;
  /** The same for drivers that are Python on both sides. */
  readonly pythonTree: Record<string, unknown>;
  /**
   * Starts `programs/load.py`; the caller disposes it. Each connection needs a process of its own,
   * because grpc.aio fails when a second event loop follows the first.
   */
  startLoad(): Peer;
  /** Starts `controller.ts`; the caller disposes it. */
  startController(): Peer;
  /** Starts `programs/delay.py` between two sockets; the caller disposes it. */
  startDelay(near: string, far: string, roundTripMs: number): Peer;
  /** Starts `programs/commands.py`; the caller disposes it. */
  startCommands(): Peer;
  /** Writes a file into the folder and returns its path. */
  write(name: string, text: string): Promise<string>;
}

/** Starts what the benchmark needs, after installing the official packages if necessary. */
export async function openRig(): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const { bin } = await officialClient();
  const dir = await Deno.makeTempDir({ prefix: "jmp-bench-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const env = {
    JMP_CLIENT_CONFIG_HOME: dir,
    XDG_RUNTIME_DIR: dir,
    PYTHONWARNINGS: "ignore",
    _JMP_SUPPRESS_DRIVER_WARNINGS: "1",
    // Ours hosts Python drivers with the interpreter that the official exporter runs on.
    JMP_PYTHON: `${bin}/python`,
  };
  const python = (program: string, ...args: string[]) =>
    new Peer([`${bin}/python`, `${programs}${program}`, ...args], env);
  const devices = await stack.use(python("devices.py")).ask<Devices>({});
  const owned = stack.move();
  return {
    ...{ dir, bin, env, tree: driverTree(devices, dir), pythonTree: pythonTree(devices, dir) },
    startLoad: () => python("load.py"),
    startCommands: () => python("commands.py"),
    startDelay: (near, far, ms) => python("delay.py", near, far, String(ms)),
    startController: () => new Peer([Deno.execPath(), "run", "-A", controllerProgram]),
    async write(name, text) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function driverTree({ pty, bulk_pty, tcp }: Devices, dir: string): Record<string, unknown> {
  const network = "jumpstarter_driver_network.driver";
  const serial = (url: string) => ({
    type: "jumpstarter_driver_pyserial.driver.PySerial",
    config: { url },
  });
  return {
    power: { type: "jumpstarter_driver_power.driver.MockPower" },
    echo: { type: `${network}.EchoNetwork` },
    tcp: { type: `${network}.TcpNetwork`, config: { host: "127.0.0.1", port: tcp } },
    serial: serial(pty),
    bulk_serial: serial(bulk_pty),
    storage: {
      type: "jumpstarter_driver_opendal.driver.Opendal",
      config: { scheme: "fs", kwargs: { root: `${dir}/storage` } },
    },
    flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" },
  };
}

function pythonTree(devices: Devices, dir: string): Record<string, unknown> {
  const { power, echo, tcp, storage } = driverTree(devices, dir);
  const shell = {
    type: "jumpstarter_driver_shell.driver.Shell",
    config: { methods: { nothing: "true" } },
  };
  // The official exporter ignores the key.
  const native = Object.entries({ power, echo, tcp, storage })
    .map(([name, entry]) => [name, { ...entry as object, python: true }]);
  return { ...Object.fromEntries(native), shell };
}
