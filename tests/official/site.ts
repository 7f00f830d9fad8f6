/** A bench with devices for an exporter, and its driver tree. @module */
import { type Client, openClient } from "./client.ts";

const drivers = new URL("./drivers/", import.meta.url).pathname;

/** The devices of `programs/devices.py`. */
export interface Devices {
  /** Path of a pty whose far end answers with upper and lower case swapped. */
  readonly echo_pty: string;
  /** Path of a pty whose far end writes its input to the file `sink` of the site's folder. */
  readonly sink_pty: string;
  /** Ports on 127.0.0.1 that echo. */
  readonly tcp: number;
  readonly udp: number;
  readonly websocket: number;
  /** Path of a socket that echoes. */
  readonly unix: string;
}

/** A temporary folder with custom drivers, and the devices. */
export interface Site extends AsyncDisposable {
  readonly dir: string;
  readonly client: Client;
  readonly devices: Devices;
  /** The environment that leads our exporter to the custom drivers. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a file into the folder and returns its path. */
  write(name: string, text: string): Promise<string>;
}

/** Opens a site; disposing it removes everything. */
export async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-official-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const home = `${dir}/home`;
  await Deno.mkdir(`${home}/drivers`, { recursive: true, mode: 0o700 });
  for (const name of ["faults.js", "flasher.js", "vendor.js"]) {
    const source = await Deno.readTextFile(drivers + name);
    await Deno.writeTextFile(`${home}/drivers/${name}`, source, { mode: 0o600 });
  }
  const client = await openClient(home);
  const bench = stack.use(client.start("devices", { args: [dir], keepStdin: true }));
  stack.defer(async () => {
    await bench.end();
    await bench.finished(10_000);
  });
  const [devices] = await bench.saying(/^\{.*\}$/m);
  const owned = stack.move();
  return {
    dir,
    client,
    devices: JSON.parse(devices),
    env: { JMP_CLIENT_CONFIG_HOME: home },
    async write(name, text) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const POWER = { type: "jumpstarter_driver_power.driver.MockPower" };

function serial(url: string) {
  return { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url } };
}

function network(kind: string, config: Record<string, unknown> = {}) {
  return { type: `jumpstarter_driver_network.driver.${kind}Network`, config };
}

/** The `export:` tree of the scenarios. */
export function driverTree(devices: Devices): Record<string, unknown> {
  const host = "127.0.0.1";
  return {
    power: {
      ...POWER,
      description: "Supply of the board",
      methods_description: { "on": "Go live" },
    },
    reference: { ref: "group.inner" },
    group: { children: { inner: POWER, deeper: { children: { echo: network("Echo") } } } },
    again: { ref: "group" },
    serial: serial(devices.echo_pty),
    sink: serial(devices.sink_pty),
    loop: serial("loop://"),
    gone: serial("/dev/serial/by-id/none"),
    tcp: network("Tcp", { host, port: devices.tcp }),
    hidden: network("Tcp", { host, port: devices.tcp, enable_address: false }),
    udp: network("Udp", { host, port: devices.udp }),
    unix: network("Unix", { path: devices.unix }),
    websocket: network("Websocket", { url: `ws://${host}:${devices.websocket}` }),
    echo: network("Echo"),
    faults: { type: "testing.Faults" },
    alien: { type: "elsewhere.driver.Unheard" },
  };
}
