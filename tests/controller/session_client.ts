/**
 * A client of an exporter's session through the router: a local port, each connection
 * of which is dialled and tunnelled, as the official client does it.
 *
 * @module
 */
import * as net from "node:net";
import { pipeline } from "node:stream/promises";
import { credentials } from "@grpc/grpc-js";
import { ExporterServiceClient, RouterServiceClient } from "../../src/wire/grpc_js/clients.ts";
import { OWN_SOCKET } from "./ask.ts";
import { openTunnel, type Tunnel, type TunnelOptions } from "./tunnel_client.ts";

const WINDOW = 4 * 1024 * 1024;

/** Options of a {@linkcode SessionClient}. */
export interface SessionClientOptions {
  /** Called for each connection. */
  readonly dial: (signal: AbortSignal) => Promise<TunnelOptions>;
}

/** Calls on an exporter's session, all on one tunnel, which is opened with the first call. */
export class SessionClient {
  readonly exporter: ExporterServiceClient;
  readonly router: RouterServiceClient;
  /** Host and port of the local end; each further connection is a further tunnel. */
  readonly endpoint: string;
  readonly #forwarder: Forwarder;

  private constructor(forwarder: Forwarder) {
    this.#forwarder = forwarder;
    this.endpoint = forwarder.endpoint;
    const options = { ...OWN_SOCKET, "grpc-node.flow_control_window": WINDOW };
    this.exporter = new ExporterServiceClient(
      this.endpoint,
      credentials.createInsecure(),
      options,
    );
    this.router = new RouterServiceClient(this.endpoint, credentials.createInsecure(), {
      ...options,
      channelOverride: this.exporter.getChannel(),
    });
  }

  /** Opens the local port. */
  static async open({ dial }: SessionClientOptions): Promise<SessionClient> {
    return new SessionClient(await Forwarder.open(dial));
  }

  /** The errors of failed dials, oldest first. */
  get failures(): readonly Error[] {
    return this.#forwarder.failures;
  }

  /** Cancels every tunnel abruptly, as a killed client does. */
  kill(): void {
    this.#forwarder.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.exporter.close();
    await this.#forwarder.close();
  }
}

class Forwarder {
  readonly #listener: net.Server;
  readonly #dial: SessionClientOptions["dial"];
  readonly #closing = new AbortController();
  readonly #sockets = new Set<net.Socket>();
  readonly #tunnels = new Set<Tunnel>();
  readonly failures: Error[] = [];

  private constructor(dial: SessionClientOptions["dial"]) {
    this.#dial = dial;
    this.#listener = net.createServer({ allowHalfOpen: true }, (socket) => {
      this.#forward(socket).catch((error: Error) => {
        this.failures.push(error);
        socket.destroy();
      });
    });
  }

  static async open(dial: SessionClientOptions["dial"]): Promise<Forwarder> {
    const forwarder = new Forwarder(dial);
    await new Promise<void>((resolve, reject) => {
      forwarder.#listener.once("error", reject);
      forwarder.#listener.listen(0, "127.0.0.1", resolve);
    });
    return forwarder;
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#listener.address() as net.AddressInfo).port}`;
  }

  kill(): void {
    for (const tunnel of this.#tunnels) tunnel.cancel();
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.kill();
    await Promise.all([...this.#tunnels].map(({ status }) => status));
    await closed;
  }

  async #forward(socket: net.Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const options = await this.#dial(this.#closing.signal);
    if (socket.destroyed) return;
    const tunnel = openTunnel(options);
    this.#tunnels.add(tunnel);
    tunnel.status.then(() => this.#tunnels.delete(tunnel));
    await pipeline(socket, tunnel, socket);
  }
}
