/**
 * A session: one driver tree served to clients, over any byte stream. It knows
 * nothing of controllers and leases.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import type { DriverInstances } from "../driver/instances.ts";
import { type DriverNode, driverUuid, type Identity } from "../driver/tree.ts";
import type { Log } from "../system/log.ts";
import { sleep } from "../system/sleep.ts";
import {
  type EndSessionResponse,
  ExporterServiceService,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { RouterServiceService } from "../wire/gen/jumpstarter/v1/router.ts";
import { openServerWindows } from "../wire/windows.ts";
import { RunningCalls } from "./calls.ts";
import { exporterService } from "./exporter_service.ts";
import { LogBacklog } from "./logs.ts";
import { passphraseInterceptor } from "./passphrase.ts";
import { SessionStatus } from "./status.ts";
import { streamService } from "./stream_service.ts";

/** What a session serves. */
export interface SessionOptions {
  readonly identity: Identity;
  readonly root: DriverNode;
  /** The opened drivers; whoever made them closes them, after the session. */
  readonly drivers: DriverInstances;
  /** Its lines go to the session's clients. */
  readonly log: Log;
  /** Shown by interactive clients when they connect. */
  readonly motd?: string;
  /** Every call must carry it, where given. */
  readonly passphrase?: string;
  /** A client says that it is done; the answer goes back to it at once. */
  onEndSession(): EndSessionResponse;
}

/** What the services see of their session. */
export interface SessionState {
  readonly uuid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly root: DriverNode;
  readonly drivers: DriverInstances;
  readonly status: SessionStatus;
  readonly logs: LogBacklog;
  readonly log: Log;
  readonly motd: string;
  readonly calls: RunningCalls;
  /** Waits until drivers may be called, or throws. */
  admit(signal: AbortSignal): Promise<void>;
  endSession(): EndSessionResponse;
}

/** Clients ping every 20 s, calls or none; messages have no limit on our side. */
const SERVER_OPTIONS: ServerOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.keepalive_permit_without_calls": 1,
};

/** How long calls may go on after the session was told to close. */
const GRACE_MS = 1_000;

/** A closing HTTP/2 connection drops what it has not yet written: last lines and statuses. */
const FLUSH_MS = 100;

/** A gRPC server over one driver tree. */
export class Session implements AsyncDisposable {
  /** What GetStatus answers. */
  readonly status = new SessionStatus();
  readonly #options: SessionOptions;
  readonly #server: Server;
  #injector: { injectConnection(connection: Duplex): void } | undefined;
  /** Those that listen on an address, for direct clients and for hooks. */
  readonly #listening: Server[] = [];
  readonly #logs = new LogBacklog();
  readonly #calls = new RunningCalls();
  #closed = false;
  readonly #stack = new DisposableStack();
  readonly #connections = new Set<Duplex>();
  #motd: string;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#motd = options.motd ?? "";
    this.#stack.use(options.log.attach((record) => this.#logs.push(record)));
    this.#server = this.#createServer((signal) => this.status.admit(signal));
  }

  /** Serves one client connection (cleartext HTTP/2) that arrives as plain bytes. */
  serve(connection: Duplex): void {
    if (this.#closed) return void connection.destroy();
    this.#connections.add(connection);
    // The tunnel's owner reports what broke it; here it only must not go unhandled.
    connection.on("error", () => {});
    connection.once("close", () => this.#connections.delete(connection));
    // A client that ends its side has left, but HTTP/2 would notice only by its own ping.
    connection.once("end", () => connection.destroy());
    this.#injector ??= this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#injector.injectConnection(connection);
  }

  /**
   * Serves on an address in gRPC's notation: `host:port`, `[::1]:port`, `unix:/path`.
   *
   * @returns the port bound to; 1 for sockets of the file system.
   */
  listen(address: string, credentials: ServerCredentials): Promise<number> {
    return this.#bind(this.#server, address, credentials);
  }

  /**
   * Serves the hooks of the lease on a Unix socket. Their calls pass at any time: a
   * beforeLease hook prepares the very drivers that clients wait for.
   */
  async listenForHooks(path: string): Promise<void> {
    const server = this.#createServer(() => Promise.resolve());
    await this.#bind(server, `unix:${path}`, ServerCredentials.createInsecure());
  }

  /** Adds a paragraph to what interactive clients are shown when they connect. */
  addMotd(text: string): void {
    this.#motd = [this.#motd, text].filter((part) => part !== "").join("\n");
  }

  /** Ends calls and streams, after a moment for those that end by themselves. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#logs.close();
    await atMost(GRACE_MS, this.#calls.end());
    await sleep(FLUSH_MS);
    await Promise.all(this.#listening.map(shutDown));
    this.#server.forceShutdown();
    for (const connection of this.#connections) connection.destroy();
    this.#stack.dispose();
  }

  #bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
    this.#listening.push(server);
    return bind(server, address, credentials);
  }

  #createServer(admit: SessionState["admit"]): Server {
    const { identity, passphrase, root, drivers, log, onEndSession } = this.#options;
    const server = new Server({
      ...SERVER_OPTIONS,
      ...(passphrase !== undefined && { interceptors: [passphraseInterceptor(passphrase)] }),
    });
    openServerWindows(server);
    const motd = () => this.#motd;
    const state: SessionState = {
      uuid: driverUuid(identity, "#exporter"),
      labels: { "jumpstarter.dev/name": identity.name },
      root,
      drivers,
      status: this.status,
      logs: this.#logs,
      log,
      get motd() {
        return motd();
      },
      calls: this.#calls,
      admit,
      endSession: onEndSession,
    };
    server.addService(ExporterServiceService, exporterService(state));
    server.addService(RouterServiceService, streamService(state));
    return server;
  }
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => error ? reject(error) : resolve(port));
  });
}

/** Only for servers that listen: grpc-js waits without end for the listener of injected connections. */
async function shutDown(server: Server): Promise<void> {
  await atMost(GRACE_MS, new Promise((resolve) => server.tryShutdown(resolve)));
  server.forceShutdown();
}

/** Resolves with `promise`, or after `ms`. */
async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([bound, promise]);
  clearTimeout(timer);
}
