/** An exporter under attack: the built executable, reached in one way, run as one user. @module */
import { stringify } from "yaml";
import { type ConnectOptions, connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import { Peer as Controller } from "../bench/peer.ts";
import { certificates } from "../controller/tls.ts";
import { openTunnel, type TunnelOptions } from "../controller/tunnel_client.ts";
import { freePort } from "../official/storage.ts";
import { ChildProcess } from "../official/process.ts";
import type { User, Way } from "./attack.ts";
import type { Address } from "./bystander.ts";
import { executable } from "./executable.ts";
import { type Extra, Peer } from "./peer.ts";
import { duplexWire, socketWire, type Wire } from "./wire.ts";

const controllerProgram = new URL("../bench/controller.ts", import.meta.url).pathname;

/** An ordinary user: nobody. */
export const NOBODY = 65_534;

const PASSPHRASE = "attack-me";
const PASSPHRASE_KEY = "x-jumpstarter-passphrase";

/** How long the exporter may take to start, in milliseconds. */
const READY_MS = 60_000;

/** The exporter's driver tree. */
function tree(dir: string): Record<string, unknown> {
  const opendal = "jumpstarter_driver_opendal.driver";
  return {
    power: { type: "jumpstarter_driver_power.driver.MockPower" },
    echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
    serial: { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: "loop://" } },
    flasher: { type: `${opendal}.MockFlasher` },
    storage: {
      type: `${opendal}.Opendal`,
      config: { scheme: "fs", kwargs: { root: `${dir}/storage` } },
    },
  };
}

/** Options of a target. */
export interface TargetOptions {
  readonly way: Way;
  readonly user: User;
  readonly descriptors?: number | undefined;
}

/** The services to call. */
export interface Drivers {
  /** The drivers' uuids by name. */
  readonly uuids: ReadonlyMap<string, string>;
}

/** @see module */
export class Target implements AsyncDisposable, Drivers {
  readonly way: Way;
  readonly user: User;
  /** A folder of the exporter's user. */
  readonly dir: string;
  /** The metadata that each call needs. */
  readonly proof: Extra;
  /** The drivers' uuids by name. */
  uuids: ReadonlyMap<string, string> = new Map();
  readonly #owned: AsyncDisposableStack;
  readonly #exporter: ChildProcess;
  readonly #socket: string;
  readonly #port: number;
  readonly #dial: (() => Promise<TunnelOptions>) | undefined;
  #caPem = "";

  private constructor(
    { way, user }: TargetOptions,
    parts: {
      dir: string;
      exporter: ChildProcess;
      port: number;
      owned: AsyncDisposableStack;
      dial: (() => Promise<TunnelOptions>) | undefined;
      caPem: string;
    },
  ) {
    this.way = way;
    this.user = user;
    this.dir = parts.dir;
    this.proof = way === "tls" ? [[PASSPHRASE_KEY, PASSPHRASE]] : [];
    this.#socket = `${parts.dir}/socket`;
    this.#port = parts.port;
    this.#exporter = parts.exporter;
    this.#owned = parts.owned;
    this.#dial = parts.dial;
    this.#caPem = parts.caPem;
  }

  /** Starts one and waits until it can be reached. */
  static async start(options: TargetOptions): Promise<Target> {
    await using scope = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "jmp-attack-" });
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    await Deno.mkdir(`${dir}/storage`);
    const controller = options.way === "tunnel" ? openController(scope) : undefined;
    const port = freePort();
    const args = controller ? [] : await listenArgs(options.way, dir, port);
    const config = controller ? await controller.setUp(tree(dir)) : standalone(dir);
    await Deno.writeTextFile(`${dir}/exporter.yaml`, config, { mode: 0o600 });
    if (options.user === "user") await give(dir);
    const argv = await command(options, [
      "run",
      "--exporter-config",
      `${dir}/exporter.yaml`,
      ...args,
    ]);
    const available = controller?.available();
    const env = { HOME: dir, TMPDIR: dir, RUNTIME_DIRECTORY: dir };
    const exporter = scope.use(new ChildProcess(argv, { env }));
    const dial = controller && await leased(controller, available!);
    const caPem = (await certificates()).caPem;
    const parts = { dir, exporter, port, dial, caPem, owned: scope.move() };
    const target = new Target(options, parts);
    await target.#reachable();
    return target;
  }

  get pid(): number {
    return this.#exporter.pid;
  }

  /** Whether the exporter still runs. */
  get alive(): boolean {
    const stat = readStat(this.pid);
    return stat !== undefined && !/\) [ZX] /.test(stat);
  }

  /** The exporter's output. */
  get log(): string {
    return this.#exporter.log;
  }

  /** The exporter's address for a well-behaved client. */
  async address(): Promise<Address> {
    if (this.#dial) {
      const { endpoint, token, caPem: ca } = await this.#dial();
      return { session: { kind: "router", endpoint, token, tls: { ca, insecure: false } } };
    }
    if (this.way === "unix") return { session: { kind: "unix", path: this.#socket } };
    const [ca, endpoint] = [this.#caPem, `localhost:${this.#port}`];
    const session = { kind: "tls", endpoint, tls: { ca, insecure: false } } as const;
    return { session, passphrase: PASSPHRASE };
  }

  /** A raw connection: over TLS after the handshake, through the router in a new tunnel. */
  async wire(): Promise<Wire> {
    if (this.#dial) return duplexWire((await openTunnel(await this.#dial())).bytes);
    if (this.way === "unix") {
      return socketWire(await Deno.connect({ transport: "unix", path: this.#socket }));
    }
    return socketWire(
      await Deno.connectTls({
        hostname: "localhost",
        port: this.#port,
        caCerts: [this.#caPem],
        alpnProtocols: ["h2"],
      }),
    );
  }

  /** A connection without the TLS handshake; without TLS the same as {@linkcode wire}. */
  async plainWire(): Promise<Wire> {
    if (this.way !== "tls") return await this.wire();
    return socketWire(await Deno.connect({ hostname: "127.0.0.1", port: this.#port }));
  }

  /** A connection that has sent the HTTP/2 preface. */
  async peer(): Promise<Peer> {
    const peer = new Peer(await this.wire());
    await peer.greet();
    return peer;
  }

  /** A well-behaved client on a connection of its own. */
  async client(options: ConnectOptions = {}): Promise<SessionClient> {
    const { session, ...proof } = await this.address();
    return await connectSession(session, { ...proof, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.alive) {
      this.#exporter.kill("SIGTERM");
      await this.#exporter.finished(20_000).catch(() => {});
    }
    await this.#owned.disposeAsync();
  }

  async #reachable(): Promise<void> {
    for (const end = Date.now() + READY_MS;;) {
      try {
        return (await this.wire()).close();
      } catch (error) {
        if (Date.now() > end || !this.alive) {
          const said = `it said:\n${this.log}`;
          await this[Symbol.asyncDispose]();
          throw new Error(`Cannot reach the exporter (${(error as Error).message}); ${said}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

function readStat(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
}

/** The command that runs the executable as the user, with its descriptors. */
async function command({ user, descriptors }: TargetOptions, args: string[]): Promise<string[]> {
  const limit = descriptors === undefined
    ? []
    : ["prlimit", `--nofile=${descriptors}:${descriptors}`];
  const id = String(NOBODY);
  const drop = user === "root" ? [] : ["setpriv", "--reuid", id, "--regid", id, "--clear-groups"];
  return [...limit, ...drop, await executable(), "--log-format", "text", ...args];
}

async function listenArgs(way: Way, dir: string, port: number): Promise<string[]> {
  if (way === "unix") return ["--listen", `unix:${dir}/socket`];
  const { server } = await certificates();
  await Deno.writeTextFile(`${dir}/cert.pem`, server.certPem);
  await Deno.writeTextFile(`${dir}/key.pem`, server.keyPem, { mode: 0o600 });
  const keys = ["--tls-cert", `${dir}/cert.pem`, "--tls-key", `${dir}/key.pem`];
  return ["--tls-grpc-listener", `127.0.0.1:${port}`, ...keys, "--passphrase", PASSPHRASE];
}

function standalone(dir: string): string {
  return stringify({
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "attacked" },
    export: tree(dir),
  });
}

/** Gives everything in `dir` to the ordinary user. */
async function give(dir: string): Promise<void> {
  const { success } = await new Deno.Command("chown", {
    args: ["-R", `${NOBODY}:${NOBODY}`, dir],
  }).output();
  if (!success) throw new Error(`Cannot give ${dir} to an ordinary user: run the attacks as root`);
}

function openController(scope: AsyncDisposableStack) {
  const peer = scope.use(new Controller([Deno.execPath(), "run", "-A", controllerProgram]));
  const exporter = "attacked";
  return {
    async setUp(tree: Record<string, unknown>): Promise<string> {
      return (await peer.ask<{ exporter: string }>({ do: "setUp", exporter, tree })).exporter;
    },
    available: () => peer.ask({ do: "available", exporter }),
    lease: () => peer.ask<{ lease: string }>({ do: "lease", exporter }),
    dial: (lease: string) => peer.ask<TunnelOptions>({ do: "dial", lease }),
  };
}

async function leased(
  controller: ReturnType<typeof openController>,
  available: Promise<unknown>,
): Promise<() => Promise<TunnelOptions>> {
  await available;
  const { lease } = await controller.lease();
  return () => controller.dial(lease);
}
