/**
 * What most fault runs need: controller and router in this process, an exporter as a
 * process of its own, and between them a network that can fail. Clients reach the
 * controller directly; the router they reach by the network of the exporter, because
 * the controller tells both the same address.
 *
 * @module
 */
import { connectSession } from "../../src/client/connect.ts";
import { openTunnel, type RouterAddress } from "../../src/client/router_tunnel.ts";
import { SessionClient } from "../../src/client/session_client.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { type ExporterRecord, key, type LeaseRecord } from "../controller/records.ts";
import { until } from "../until.ts";
import { parse, stringify } from "yaml";
import { ExporterProcess } from "./exporter_process.ts";
import { type Bench, RECOVERY_MS } from "./fault.ts";
import { type Footprint, footprint, staysFlat } from "./footprint.ts";
import { Link, LINK_HOST } from "./link.ts";
import { OfficialClient } from "./official_client.ts";
import { powerOn } from "./session.ts";

/** The tree of drivers that every lab serves. */
export const EXPORT = {
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
};

/** For certificates that are made out to `localhost`, whatever the address. */
export const LOCAL_NAME = { "grpc.ssl_target_name_override": "localhost" };

/**
 * After a long outage, gRPC in the client would wait for up to two minutes before it asks the
 * controller again, which would measure the client and not the exporter.
 */
const CLIENT_OPTIONS = { ...LOCAL_NAME, "grpc.max_reconnect_backoff_ms": 2_000 };

/** Keepalive that notices a silent peer within three seconds. */
export const FAST_KEEPALIVE = {
  "grpc.keepalive_time_ms": 1_000,
  "grpc.keepalive_timeout_ms": 2_000,
};

/** Options of a lab. */
export interface LabOptions {
  /** @default {@linkcode EXPORT} */
  readonly export?: Record<string, unknown>;
  readonly hooks?: Record<string, unknown>;
  /** @default {@linkcode FAST_KEEPALIVE} */
  readonly grpcOptions?: Record<string, number>;
  /** Host by which the exporter knows the controller. @default {@linkcode LINK_HOST} */
  readonly controllerHost?: string;
  /** The exporter's module, if it is not the program itself. @see ExporterProcess */
  readonly program?: string;
  /** The command that executes the exporter, given the lab's folder. @see ExporterProcess */
  readonly wrapper?: (dir: string) => readonly string[];
}

/** A controller, a network, an exporter. */
export class Lab implements AsyncDisposable {
  /** Removed with the lab. */
  readonly dir: string;
  readonly controller: TestController;
  /** From the exporter to the controller, and from everyone to the router. */
  readonly links: { readonly controller: Link; readonly router: Link };
  readonly #options: LabOptions;
  readonly #scope: AsyncDisposableStack;
  #exporter: ExporterProcess | undefined;

  private constructor(
    parts: Pick<Lab, "dir" | "controller" | "links">,
    options: LabOptions,
    scope: AsyncDisposableStack,
  ) {
    this.dir = parts.dir;
    this.controller = parts.controller;
    this.links = parts.links;
    this.#options = options;
    this.#scope = scope;
  }

  /** Opens a lab without an exporter. */
  static async open(options: LabOptions = {}): Promise<Lab> {
    await using scope = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "jmp-fault-" });
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    const controller = scope.use(await TestController.start({ host: LINK_HOST }));
    const links = {
      controller: scope.use(await Link.open(controller.front.port)),
      router: scope.use(await Link.open(controller.router.front.port)),
    };
    controller.addExporter({ name: "demo" });
    controller.addClient({ name: "tester" });
    return new Lab({ dir, controller, links }, options, scope.move());
  }

  /** Opens a lab whose exporter is available. */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const lab = await Lab.open(options);
    try {
      await lab.startExporter();
      await lab.available();
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The running exporter. */
  get exporter(): ExporterProcess {
    return this.#exporter!;
  }

  /** The controller's record of the exporter. */
  get record(): ExporterRecord {
    return this.controller.store.exporters.get(key("lab", "demo"))!;
  }

  /** Starts the exporter, again or for the first time. */
  async startExporter(): Promise<void> {
    const config = `${this.dir}/exporter.yaml`;
    await Deno.writeTextFile(config, this.#exporterConfig(), { mode: 0o600 });
    const { dir } = this;
    const env = { RUNTIME_DIRECTORY: dir, XDG_CONFIG_HOME: dir, FAULT_DIR: dir };
    const wrapper = this.#options.wrapper?.(dir) ?? [];
    const { program } = this.#options;
    this.#exporter = new ExporterProcess({ config, env, wrapper, ...(program && { program }) });
  }

  /** Starts an official client; the caller disposes it. */
  async official(): Promise<OfficialClient> {
    return await OfficialClient.start(this.dir, await this.clientConfig(), "demo");
  }

  /** Writes a config for official clients, and gives its path. */
  async clientConfig(): Promise<string> {
    const text = this.controller.clientConfigYaml("tester", { unsafe: true });
    const endpoint = `localhost:${this.controller.front.port}`;
    const config = `${this.dir}/client.yaml`;
    const grpcOptions = CLIENT_OPTIONS;
    await Deno.writeTextFile(config, stringify({ ...parse(text), endpoint, grpcOptions }));
    return config;
  }

  /** Waits until the exporter can be leased. */
  async available(withinMs: number = RECOVERY_MS): Promise<void> {
    await this.reaches(ExporterStatus.EXPORTER_STATUS_AVAILABLE, withinMs);
    await this.#until(() => this.record.streams > 0 && this.record.reports.length > 0, withinMs);
  }

  /** Waits until the controller has the status `status`. */
  reaches(status: ExporterStatus, withinMs: number = RECOVERY_MS): Promise<void> {
    return this.#until(() => this.record.status === status, withinMs, ExporterStatus[status]);
  }

  /** Leases the exporter, uses it once, and waits until it is available again. */
  async leaseWorks(): Promise<void> {
    const lease = this.controller.lease("demo", "tester");
    await this.reaches(ExporterStatus.EXPORTER_STATUS_LEASE_READY);
    await this.use(lease);
    this.controller.endLease(lease);
    await this.available();
  }

  /** Connects to the session of `lease` once and switches power on. */
  async use(lease: LeaseRecord): Promise<void> {
    await using client = await this.session(lease);
    await powerOn(client);
  }

  /** A client of the session of `lease`, which reaches the router directly. */
  async session(lease: LeaseRecord): Promise<SessionClient> {
    return await connectSession({ kind: "router", ...await this.#tunnelOf(lease) });
  }

  /** Uses the session of `lease` as a client that is then killed: its connections close without a word. */
  async vanishingSession(lease: LeaseRecord): Promise<void> {
    const signal = AbortSignal.timeout(RECOVERY_MS);
    const tunnel = await openTunnel(await this.#tunnelOf(lease), signal);
    await using client = await SessionClient.open(tunnel.link, {}, signal);
    await powerOn(client);
    tunnel.abort();
  }

  async #tunnelOf(lease: LeaseRecord): Promise<RouterAddress> {
    const endpoint = `localhost:${this.controller.router.front.port}`;
    const { token, caPem: ca } = await this.controller.dial(lease);
    return { endpoint, token, tls: { ca, insecure: false } };
  }

  /** What the exporter holds now. */
  footprint(): Promise<Footprint> {
    return footprint(this.exporter);
  }

  /** Compares with `before`. @throws {Error} if the growth is too large */
  staysFlat(bench: Bench, before: Footprint): Promise<void> {
    return staysFlat(bench, before, () => this.footprint());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exporter?.[Symbol.asyncDispose]();
    await this.#scope.disposeAsync();
  }

  #exporterConfig(): string {
    const { controllerHost, hooks, grpcOptions = FAST_KEEPALIVE } = this.#options;
    const text = this.controller.exporterConfigYaml("demo", this.#options.export ?? EXPORT, {
      grpcOptions: { ...grpcOptions, ...LOCAL_NAME },
      ...(hooks && { hooks }),
    });
    if (!controllerHost) return text;
    const endpoint = `${controllerHost}:${this.controller.front.port}`;
    return stringify({ ...parse(text), endpoint });
  }

  async #until(condition: () => boolean, withinMs: number, what = "a Status stream") {
    try {
      await until(condition, withinMs);
    } catch {
      const { status, streams } = this.record;
      throw new Error(
        `Cannot see ${what} within ${withinMs} ms, found ${ExporterStatus[status]} and ` +
          `${streams} Status streams; the exporter said:\n${this.#exporter?.tail()}`,
      );
    }
  }
}
