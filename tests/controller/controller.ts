/**
 * A controller and a router for tests, over TLS on the loopback interface, in this
 * process. They follow the behaviour that was documented and measured of the official
 * ones and know nothing of the exporter under test.
 *
 * @module
 */
import type { Server } from "@grpc/grpc-js";
import { type ConnectOptions, connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import "../../src/wire/grpc_js/http2_guard.ts";
import { ClientServiceService } from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import { ControllerServiceService } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { clientApi } from "./client_api.ts";
import { clientConfig, type DriverPolicy, exporterConfig } from "./config.ts";
import { dial } from "./dial.ts";
import { exporterApi } from "./exporter_api.ts";
import { Faults } from "./faults.ts";
import { TlsFront } from "./front.ts";
import type { Age, Hub } from "./hub.ts";
import { Listeners } from "./listen.ts";
import { type Call, type Predicate, Recorder } from "./record.ts";
import { TestRouter } from "./router.ts";
import type { OutStream } from "./rpc.ts";
import type { RpcError } from "./rpc_error.ts";
import { createAnew, deleteExporter, type Renewal } from "./objects.ts";
import {
  type ExporterRecord,
  type Identity,
  key,
  type LeaseRecord,
  newExporter,
  newLease,
} from "./records.ts";
import { Store } from "./state.ts";
import { certificates, type KeyPair } from "./tls.ts";
import { identityToken, TOKEN_LIFETIME_MS } from "./token.ts";
import { openTunnel, type Tunnel, type TunnelOptions } from "./tunnel_client.ts";

/** Options of a {@linkcode TestController}; the defaults are those of the real one. */
export interface ControllerOptions {
  /** Default namespace of exporters and clients. @default "lab" */
  readonly namespace?: string;
  /** Host that the endpoints name. @default "localhost" */
  readonly host?: string;
  /** The address of the ports. @default "127.0.0.1" */
  readonly address?: string;
  /** @default a valid one */
  readonly certificate?: KeyPair;
  /** @default a valid one */
  readonly routerCertificate?: KeyPair;
  /** The endpoint of another router, to which it sends everybody. */
  readonly routerEndpoint?: string;
  /** Behave as an old controller. @default false */
  readonly old?: Age;
  /** How long Dial waits for an exporter with the status Available. @default 30000 */
  readonly dialWaitMs?: number;
  /** @default 60000 */
  readonly offlineAfterMs?: number;
  /** How long a token can open a stream. @default 1800000 */
  readonly tokenLifetimeMs?: number;
}

/** An exporter or client to add; missing fields get defaults. */
export interface Addition {
  readonly name: string;
  readonly namespace?: string;
  readonly token?: string;
}

/** Options of leases by {@linkcode TestController.lease}. */
export interface LeaseOptions {
  /** @default a random one */
  readonly name?: string;
  /** @default 1800000 */
  readonly durationMs?: number;
  readonly context?: Record<string, string>;
}

/** A running controller with its router. */
export class TestController {
  readonly caPem: string;
  readonly router: TestRouter;
  readonly #otherRouter: string | undefined;
  /** The controller's port. */
  readonly front: TlsFront;
  readonly faults: Faults;
  readonly store: Store;
  readonly #hub: Hub;
  readonly #host: string;
  readonly #namespace: string;
  #life = new AbortController();

  private constructor(caPem: string, pair: KeyPair, options: ControllerOptions) {
    const { offlineAfterMs, address, certificate = pair, routerCertificate = pair } = options;
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.caPem = caPem;
    this.#otherRouter = options.routerEndpoint;
    this.#host = options.host ?? "localhost";
    this.#namespace = options.namespace ?? "lab";
    this.store = new Store(offlineAfterMs === undefined ? {} : { offlineAfterMs });
    this.faults = new Faults();
    this.router = new TestRouter({ pair: routerCertificate, secret, address });
    this.#hub = {
      store: this.store,
      recorder: new Recorder(),
      faults: this.faults,
      listeners: new Listeners(),
      streams: new Set(),
      old: options.old ?? false,
      secret,
      tokenLifetimeMs: options.tokenLifetimeMs ?? TOKEN_LIFETIME_MS,
      dialWaitMs: options.dialWaitMs ?? 30_000,
      routerEndpoint: "",
      signal: this.#life.signal,
    };
    const serve = (server: Server) => {
      server.addService(ControllerServiceService, exporterApi(this.#hub));
      server.addService(ClientServiceService, clientApi(this.#hub));
    };
    // The order in which the real controller, a net/http server, prefers them.
    this.front = new TlsFront({ pair: certificate, alpn: ["http/1.1", "h2"], serve, address });
  }

  /** Starts a controller and a router on ephemeral ports. */
  static async start(options: ControllerOptions = {}): Promise<TestController> {
    const { caPem, server } = await certificates();
    const controller = new TestController(caPem, server, options);
    await controller.start();
    return controller;
  }

  /** Host and port of the controller. */
  get endpoint(): string {
    return `${this.#host}:${this.front.port}`;
  }

  /** Host and port of the router. */
  get routerEndpoint(): string {
    return this.#otherRouter ?? `${this.#host}:${this.router.front.port}`;
  }

  /** Every call so far, oldest first. */
  get calls(): readonly Call[] {
    return this.#hub.recorder.calls;
  }

  /** While true, tokens wait in the controller, as for an exporter that does not read Listen. */
  set stallListen(stalled: boolean) {
    this.#hub.listeners.stalled = stalled;
  }

  /** How long new tokens can open a stream, in milliseconds; below 0 the router refuses them. */
  set tokenLifetimeMs(ms: number) {
    this.#hub.tokenLifetimeMs = ms;
  }

  /** @see Recorder.next */
  next<M extends string>(
    method: M,
    predicate?: Predicate<M>,
    timeoutMs?: number,
  ): Promise<Call<M>> {
    return this.#hub.recorder.next(method, predicate, timeoutMs);
  }

  /** Starts again on the same ports; does nothing if it runs. */
  async start(): Promise<void> {
    if (this.#life.signal.aborted) this.#life = new AbortController();
    this.#hub.signal = this.#life.signal;
    await this.router.front.start();
    this.#hub.routerEndpoint = this.routerEndpoint;
    await this.front.start();
    this.store.start();
  }

  /** Closes the ports and every connection; keeps its objects unless `lose` is true. */
  async stop({ lose = false }: { lose?: boolean } = {}): Promise<void> {
    this.store.stop();
    this.#life.abort();
    await this.front.stop();
    await this.router.front.stop();
    if (lose) this.store.lose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Adds an exporter; it is offline until it registers. */
  addExporter(
    { name, namespace = this.#namespace, token = identityToken(name), labels = {} }: Addition & {
      readonly labels?: Record<string, string>;
    },
  ): ExporterRecord {
    const exporter = newExporter({ namespace, name, token }, labels);
    this.store.exporters.set(key(namespace, name), exporter);
    this.store.issued.add(token);
    return exporter;
  }

  /** Deletes an Exporter object. @returns the object */
  deleteExporter(name: string, namespace: string = this.#namespace): ExporterRecord {
    const exporter = this.#known(this.store.exporters, name, namespace);
    deleteExporter(this.store, namespace, name);
    return exporter;
  }

  /** Creates the Exporter object `old` again, after deleting it if necessary. */
  createAnew(old: ExporterRecord, renewal: Renewal = {}): ExporterRecord {
    return createAnew(this.store, old, renewal);
  }

  /** Gives an exporter another token; the previous one becomes invalid. */
  retoken(name: string, token: string = identityToken(name)): string {
    const exporter = this.#known(this.store.exporters, name);
    this.store.issued.delete(exporter.token);
    this.store.issued.add(token);
    exporter.token = token;
    return token;
  }

  /** Adds a client. */
  addClient(
    { name, namespace = this.#namespace, token = identityToken(name) }: Addition,
  ): Identity {
    const client = { namespace, name, token };
    this.store.clients.set(key(namespace, name), client);
    return client;
  }

  /** A ClientConfig for the official client. */
  clientConfigYaml(name: string, policy: DriverPolicy = {}): string {
    return clientConfig(this, this.#known(this.store.clients, name), policy);
  }

  /** An ExporterConfig with the given `export:` tree. */
  exporterConfigYaml(
    name: string,
    exports: string | Record<string, unknown>,
    extra: Record<string, unknown> = {},
  ): string {
    return exporterConfig(this, this.#known(this.store.exporters, name), exports, extra);
  }

  /** Gives `exporter` to `client` at once, whatever the exporter's status is. */
  lease(exporter: string, client: string, options: LeaseOptions = {}): LeaseRecord {
    const lease = this.#give(exporter, client, options);
    this.store.changed();
    return lease;
  }

  /** Ends a lease. */
  endLease(lease: LeaseRecord, reason: "Released" | "Expired" = "Released"): void {
    this.store.end(lease, reason);
    this.store.changed();
  }

  /** Ends `lease` and gives its exporter to `client` in one step, without an idle message. */
  switchLease(lease: LeaseRecord, client: string, options: LeaseOptions = {}): LeaseRecord {
    this.store.end(lease);
    return this.lease(lease.exporter ?? "", client, options);
  }

  /** Gives `lease` to another client, as UpdateLease does. */
  transferLease(lease: LeaseRecord, client: string): void {
    lease.client = this.#known(this.store.clients, client, lease.namespace).name;
    this.store.changed();
  }

  /** Dials as the client that holds `lease`, or as another one. @throws {RpcError} as Dial does */
  async dial(
    lease: LeaseRecord,
    signal = this.#life.signal,
    name: string = lease.client,
  ): Promise<TunnelOptions> {
    const client = this.#known(this.store.clients, name, lease.namespace);
    const response = await dial(this.#hub, client, lease.name, signal);
    const { routerEndpoint: endpoint, routerToken: token } = response;
    return { endpoint, token, caPem: this.caPem };
  }

  /** Dials and opens the client's end of the tunnel. */
  async tunnel(lease: LeaseRecord): Promise<Tunnel> {
    return await openTunnel(await this.dial(lease));
  }

  /** Dials as the client that holds `lease`, or as another one, and connects to the exporter's session. */
  async sessionClient(
    lease: LeaseRecord,
    options: ConnectOptions & { readonly as?: string } = {},
  ): Promise<SessionClient> {
    const { as = lease.client, ...connect } = options;
    const { endpoint, token, caPem: ca } = await this.dial(lease, this.#life.signal, as);
    const tls = { ca, insecure: false };
    return await connectSession({ kind: "router", endpoint, token, tls }, connect);
  }

  /** The open Status or Listen streams. */
  streams(method: "Status" | "Listen"): OutStream<unknown>[] {
    return [...this.#hub.streams].filter((stream) => stream.method === method);
  }

  /** Ends the open streams of `method` with `error`, or with OK. */
  endStreams(method: "Status" | "Listen", error?: RpcError): void {
    for (const stream of this.streams(method)) stream.end(error);
  }

  #give(exporter: string, client: string, options: LeaseOptions): LeaseRecord {
    const owner = this.#known(this.store.clients, client);
    const { namespace } = this.#known(this.store.exporters, exporter, owner.namespace);
    const given = { exporter, exporterName: exporter, begin: new Date() };
    const lease = newLease(owner, { ...options, ...given });
    this.store.leases.set(key(namespace, lease.name), lease);
    return lease;
  }

  #known<T>(records: Map<string, T>, name: string, namespace = this.#namespace): T {
    const record = records.get(key(namespace, name));
    if (record) return record;
    const known = [...records.keys()].join(", ") || "none";
    throw new Error(`Cannot use ${namespace}/${name}: expected one of ${known}; add it first`);
  }
}
