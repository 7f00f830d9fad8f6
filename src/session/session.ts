/**
 * A session: serves one driver tree to clients, over any byte stream. It is independent of
 * controllers and leases.
 *
 * @module
 */
import { fulfilledWithin } from "../base/deadline.ts";
import type { DriverInstances } from "../tree/instances.ts";
import { driverUuid, type Identity } from "../tree/uuid.ts";
import type { Log } from "../log/log.ts";
import type { EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { ListenAddress } from "../wire/listen/listen.ts";
import { printableOutput } from "../text/printable.ts";
import { hideSecrets } from "../text/secrets.ts";
import type { Peer } from "../wire/grpc/peer.ts";
import { GrpcServer } from "../wire/grpc/server.ts";
import type { Link } from "../wire/net/link.ts";
import type { Traffic } from "../wire/net/traffic.ts";
import { exporterService } from "./exporter_service.ts";
import { LogBacklog } from "./logs.ts";
import type { PassphraseGate } from "./passphrase.ts";
import type { SessionState } from "./session_state.ts";
import { SessionStatus } from "./status.ts";
import { StreamFailures } from "./stream_failures.ts";
import { type Audience, type ReaderCall, StatusReaders } from "./status_readers.ts";
import { streamService } from "./stream_service.ts";

/** Options of a session. */
export interface SessionOptions {
  readonly identity: Identity;
  /** The opened drivers; the caller closes them after the session. */
  readonly drivers: DriverInstances;
  /** Clients of the session receive its lines. */
  readonly log: Log;
  /** The longest message that is accepted, in bytes. @default 4 MiB, as in official exporters */
  readonly maxMessage?: number;
  /** Shown by interactive clients when they connect. */
  readonly motd?: string;
  /** Checks the passphrase of clients, if given; the caller disposes it. */
  readonly gate?: PassphraseGate | undefined;
  /** Counts the connections of clients; those of hooks are none. */
  readonly traffic?: Traffic;
  /** Called when a client ends the session; returns the answer to the client. */
  onEndSession(): EndSessionResponse;
}

/** A process of this host that connects to the session, beside the client that it belongs to. */
export interface LocalCaller {
  /** As logs name it: `local user pi (uid 1000)`. */
  readonly user: string;
  /** Whether it interferes with the lease of a client, who is warned. */
  readonly interferes: boolean;
  /** Whether its calls wait like those of clients, for example for beforeLease. */
  readonly waits: boolean;
  /** Called when its connection is closed. */
  onClosed?(): void;
}

/** The answer to EndSession of a process that did not begin the session. */
const NOT_ITS_OWN: EndSessionResponse = {
  success: true,
  message: "The connection may be closed; the session of the exporter goes on",
};

/** How long calls may take to end when the session is disposed, in milliseconds. */
const GRACE_MS = 1_000;

/** Differences between the servers of a session. By default, calls are accepted at any time. */
type ServerOptions =
  & Pick<SessionOptions, "gate">
  & Partial<Pick<SessionState, "admit" | "endSession" | "onCall" | "readers">>
  & { readonly traffic?: Traffic | undefined };

/** A gRPC server over one driver tree. */
export class Session implements AsyncDisposable {
  /** The answer to GetStatus. */
  readonly status = new SessionStatus();
  readonly #options: SessionOptions;
  readonly #server: GrpcServer;
  /** The server for hooks, once it listens. */
  #hookServer: GrpcServer | undefined;
  /** One server for each connection, whose calls are logged with their user. */
  readonly #localServers = new Set<GrpcServer>();
  readonly #logs = new LogBacklog();
  readonly #streamFailures: StreamFailures;
  readonly #readers = new StatusReaders(this.status, this.#logs);
  #closed = false;
  readonly #stack = new DisposableStack();
  #motd: string;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#motd = options.motd ?? "";
    this.#stack.use(options.log.attach((record) => this.#logs.push(record)));
    this.#streamFailures = new StreamFailures(options.drivers, options.log);
    this.#server = this.#createServer({
      admit: (call) => this.#admit(call),
      readers: this.#readers,
      gate: options.gate,
      traffic: options.traffic,
    });
  }

  /** Serves one client connection (HTTP/2 without TLS). */
  serve(connection: Link): Peer {
    return this.#server.serve(connection);
  }

  /**
   * Serves on a TCP port or a Unix socket.
   *
   * @returns the port; 0 for a Unix socket
   */
  listen(address: ListenAddress): Promise<number> {
    return this.#server.listen(address);
  }

  /**
   * Serves the hooks of the lease on a Unix socket, which others must not be able to reach: calls
   * there need no passphrase. They are accepted at any time, because a beforeLease hook prepares
   * the drivers that clients wait for. May be called again, with another path.
   */
  async listenForHooks(path: string): Promise<void> {
    this.#hookServer ??= this.#createServer();
    await this.#hookServer.listen({ path });
  }

  /**
   * Serves a process of this host, without a passphrase. Its connection and its calls are logged, so
   * the client sees them; it cannot end the session.
   */
  serveLocally(connection: Link, { user, interferes, waits, onClosed }: LocalCaller): Peer {
    const { log, drivers } = this.#options;
    const server = this.#createServer({
      ...(waits && { admit: ({ signal }) => this.status.admit(signal) }),
      endSession: () => NOT_ITS_OWN,
      onCall: (uuid, method) => log.info(`${user} calls ${drivers.pathOf(uuid)}.${method}`),
      traffic: {
        opened() {},
        received() {},
        sent() {},
        closed: () => {
          this.#localServers.delete(server);
          onClosed?.();
        },
      },
    });
    if (interferes) log.warning(`${user} uses the drivers during the lease, by --force`);
    else log.info(`${user} uses the drivers`);
    this.#localServers.add(server);
    const peer = server.serve(connection);
    if (this.#closed) void server[Symbol.asyncDispose]();
    return peer;
  }

  /** Adds a paragraph to the message that interactive clients show when they connect. */
  addMotd(text: string): void {
    this.#motd = [this.#motd, printableOutput(hideSecrets(text))].filter((part) => part !== "")
      .join("\n");
  }

  /** Resolves when clients have read the present status, with the log before it, or `signal` aborts. */
  statusRead(audience: Audience, signal: AbortSignal): Promise<void> {
    return this.#readers.read(audience, signal);
  }

  /** Ends all calls and streams; those that end by themselves have a second to do so. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#streamFailures[Symbol.dispose]();
    this.#logs.close();
    const others = [...(this.#hookServer ? [this.#hookServer] : []), ...this.#localServers];
    const servers = [this.#server, ...others];
    const reason = new DOMException("the session has ended", "AbortError");
    await fulfilledWithin(GRACE_MS, Promise.all(servers.map((server) => server.endCalls(reason))));
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    this.#stack.dispose();
  }

  async #admit(call: ReaderCall): Promise<void> {
    try {
      await this.status.admit(call.signal);
    } catch (error) {
      if (!call.signal.aborted) this.#readers.refused(call);
      throw error;
    }
  }

  #createServer(
    { gate, traffic, ...differing }: ServerOptions = {},
  ): GrpcServer {
    const { identity, drivers, log, maxMessage, onEndSession } = this.#options;
    const motd = () => this.#motd;
    const state: SessionState = {
      uuid: driverUuid(identity, "#exporter"),
      labels: { "jumpstarter.dev/name": identity.name },
      drivers,
      status: this.status,
      logs: this.#logs,
      log,
      streamFailures: this.#streamFailures,
      get motd() {
        return motd();
      },
      admit: () => Promise.resolve(),
      endSession: onEndSession,
      ...differing,
    };
    return new GrpcServer({
      methods: new Map([...exporterService(state), ...streamService(state)]),
      maxMessage,
      traffic,
      evicted: (line) => log.warning(line),
      warn: (line) => log.warning(line),
      ...(gate && { authorize: (call, peer) => gate.examine(call, peer) }),
    });
  }
}
