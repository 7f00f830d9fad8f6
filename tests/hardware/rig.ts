/** The whole rig: the emulated devices on the host, the guest, and the exporter in it. @module */
import { ALONE, PERMISSIONS } from "../../scripts/build/flags.ts";
import { stage } from "../../scripts/build/stage.ts";
import { targetsOf } from "../../scripts/build/targets.ts";
import { type Client, openClient } from "../official/client.ts";
import { TRUSTED } from "../official/transports.ts";
import { Bench } from "./bench.ts";
import { CardReader } from "./emulator/card.ts";
import type { UsbDevice } from "./emulator/device.ts";
import { Ftdi } from "./emulator/ftdi.ts";
import { UsbIpServer } from "./emulator/usbip.ts";
import { type Finished, type GuestProcess, Machine } from "./machine.ts";
import { ClientSession } from "./session.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Users of the guest: one in the groups that the udev rules give devices to, one in none. */
export type User = "root" | "jmp" | "outsider";

/** The program in the guest, and Deno's cache of compiled code. */
const PROGRAM = "/run/program";
const CACHE = "/run/deno";

/** A running rig. */
export class Rig implements AsyncDisposable {
  readonly bench: Bench;
  readonly machine: Machine;
  readonly #client: Client;
  readonly #server: UsbIpServer;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: {
    bench: Bench;
    machine: Machine;
    client: Client;
    server: UsbIpServer;
    stack: AsyncDisposableStack;
  }) {
    this.bench = parts.bench;
    this.machine = parts.machine;
    this.#client = parts.client;
    this.#server = parts.server;
    this.#stack = parts.stack;
  }

  /** Boots a guest with nothing plugged in. */
  static async start(): Promise<Rig> {
    await using stack = new AsyncDisposableStack();
    const home = await Deno.makeTempDir({ prefix: "jmp-hardware-" });
    stack.defer(() => Deno.remove(home, { recursive: true }));
    const bench = new Bench();
    const server = stack.use(new UsbIpServer(bench.all));
    const machine = stack.use(await Machine.boot());
    const client = await openClient(home);
    await machine.output(
      "getent group plugdev dialout && " +
        "useradd --system --user-group --groups plugdev,dialout jmp && " +
        "useradd --system --user-group outsider && " +
        "install -d -o jmp /run/jmp && install -d -o outsider /run/outsider",
    );
    await install(machine);
    return new Rig({ bench, machine, client, server, stack: stack.move() });
  }

  /** Plugs devices in; resolves when udev has handled them. */
  async plug(...devices: UsbDevice[]): Promise<void> {
    for (const { busId } of devices) {
      // The tool fails while udev handles the previous device.
      await this.machine.output(
        `for try in $(seq 20); do usbip --tcp-port ${this.#server.port} attach -r 10.0.2.2 ` +
          `-b ${busId} && exit; udevadm settle; sleep 0.2; done; exit 1`,
      );
    }
    for (const device of devices) await this.#appeared(device);
    await this.settle();
  }

  /** Waits until the kernel has enumerated a device and bound its driver. */
  async #appeared(device: UsbDevice): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const path = await this.pathOf(device).catch(() => undefined);
      const place = `/sys/bus/usb/devices/${path}/${boundPath(device)}`;
      if (path && (await this.machine.run(`ls -d ${place}`)).code === 0) return;
      if (Date.now() > deadline) throw new Error(`Expected ${device.busId} to appear in 60 s`);
    }
  }

  /** Unplugs devices; resolves when the kernel has noticed. */
  async unplug(...devices: UsbDevice[]): Promise<void> {
    for (const device of devices) {
      const path = await this.pathOf(device);
      this.#server.unplug(device);
      await this.machine.output(
        `for try in $(seq 300); do [ -e /sys/bus/usb/devices/${path} ] || exit 0; sleep 0.1; ` +
          "done; exit 1",
      );
    }
    await this.settle();
  }

  /** Waits until udev has handled all events. */
  async settle(): Promise<void> {
    await this.machine.output("sleep 0.3; udevadm settle --timeout=60");
  }

  /** The place of a device in the guest, like `1-2`. */
  async pathOf({ identity: { vendorId, productId, serial } }: UsbDevice): Promise<string> {
    const hex = (id: number) => id.toString(16).padStart(4, "0");
    const wanted = `${hex(vendorId)}:${hex(productId)}:${serial ?? ""}`;
    const listing = await this.machine.output(
      "cd /sys/bus/usb/devices && grep -s . *-*/idVendor *-*/idProduct *-*/serial; true",
    );
    const known = new Map<string, Map<string, string>>();
    for (const [, path, name, value] of listing.matchAll(/^([^/]+)\/(\w+):(.*)$/gm)) {
      const attributes = known.get(path!) ?? new Map<string, string>();
      known.set(path!, attributes.set(name!, value!));
    }
    for (const [path, attributes] of known) {
      const names = ["idVendor", "idProduct", "serial"];
      if (names.map((name) => attributes.get(name) ?? "").join(":") === wanted) return path;
    }
    throw new Error(`Expected ${wanted} among the devices, found:\n${listing}`);
  }

  /** Writes a file of the guest. */
  async write(path: string, text: string): Promise<string> {
    const bytes = new TextEncoder().encode(text);
    await this.machine.output(`base64 -d > ${path} <<< ${bytes.toBase64()}`);
    return path;
  }

  /** Installs the project's udev rules. */
  async installRules(): Promise<void> {
    await this.machine.output(
      `cp ${root}scripts/ansible/roles/exporter/files/*.rules /etc/udev/rules.d/`,
    );
    await this.reloadRules();
  }

  /** Applies changed udev rules to the plugged-in devices. */
  async reloadRules(): Promise<void> {
    await this.machine.output("udevadm control --reload && udevadm trigger");
    await this.settle();
  }

  /** The official client's Python, which the guest shares. */
  get python(): string {
    return `${this.#client.env["PATH"]!.split(":")[0]}/python`;
  }

  /** Our `jmp` as a command of the guest. */
  command(args: string, user: User = "jmp"): [string, ReturnType<typeof environment>] {
    return [commandLine(args), environment(user)];
  }

  /** Runs our `jmp` in the guest. */
  jmp(args: string, user: User = "jmp"): Promise<Finished> {
    return this.machine.run(...this.command(args, user));
  }

  /** Starts our exporter in the guest; resolves when it serves. */
  async export(config: string, user: User = "jmp"): Promise<RunningExporter> {
    const file = await this.write("/run/exporter.yaml", config);
    const process = await this.machine.start({
      script: `exec ${
        commandLine(
          `run --exporter-config ${file} --tls-grpc-listener 0.0.0.0:7002 --tls-grpc-insecure ` +
            "--unsafe-no-auth",
        )
      }`,
      ...environment(user),
    });
    await process.saying(/Serving .* on /);
    const session = await ClientSession.start(this.#client, {
      ...TRUSTED,
      JUMPSTARTER_HOST: `127.0.0.1:${this.machine.ports.exporter}`,
      JMP_GRPC_INSECURE: "1",
    });
    return new RunningExporter(process, session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** An exporter in the guest with an official client on the host. */
export class RunningExporter implements AsyncDisposable {
  constructor(private readonly process: GuestProcess, readonly client: ClientSession) {}

  /** The exporter's log. */
  get log(): string {
    return this.process.log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.process[Symbol.asyncDispose]();
  }
}

/** A pattern of the files that the kernel's driver adds below the device's folder in sysfs. */
function boundPath(device: UsbDevice): string {
  if (device instanceof CardReader) return "*/host*/target*/*/block/*";
  return device instanceof Ftdi && device.identity.vendorId === 0x0403 ? "*/ttyUSB*/tty/*" : "";
}

function commandLine(args: string): string {
  return [Deno.execPath(), "run", PERMISSIONS, ...ALONE, `${PROGRAM}/main.js`, args].join(" ");
}

/**
 * Copies the packed program into the guest: one file is copied much faster than many. The first
 * start compiles it for all later ones.
 */
async function install(machine: Machine): Promise<void> {
  const [target] = targetsOf(Deno.build.arch);
  const cache = `${root}.cache/npm`;
  await using staged = await stage({ root, target: target!, via: "pack", commit: "", cache });
  const start = `DENO_DIR=${CACHE} ${commandLine("version")}`;
  await machine.output(
    `cp -r ${staged.app} ${PROGRAM} && chmod -R a+rX ${PROGRAM} && mkdir ${CACHE} && ` +
      `${start} && ${start} && chmod -R a+rwX ${CACHE}`,
  );
}

function environment(user: User) {
  const home = user === "root" ? "/root" : `/run/${user}`;
  return {
    user,
    env: {
      DENO_DIR: CACHE,
      DENO_NO_UPDATE_CHECK: "1",
      HOME: home,
      XDG_RUNTIME_DIR: user === "root" ? "/run" : home,
      NO_COLOR: "1",
    },
  };
}
