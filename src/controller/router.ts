/** Tunnels: raw bytes to a client, through a router. @module */
import { Metadata } from "@grpc/grpc-js";
import type { Duplex } from "node:stream";
import { channelCredentials, channelOptions, type TlsOptions } from "../wire/channel.ts";
import { formatEndpoint, parseEndpoint } from "../wire/endpoint.ts";
import { callerBytes } from "../wire/frames.ts";
import { RouterServiceClient } from "../wire/gen/jumpstarter/v1/router.ts";

/** How routers are reached: as the controller is. */
export interface RouterOptions {
  readonly tls: TlsOptions;
  readonly channelOptions: Readonly<Record<string, string | number>>;
  /** How long a router may take to answer; a client waits no longer. @default 20_000 */
  readonly connectMs?: number;
}

/** The connections to routers of one lease, one per endpoint, shared by its tunnels. */
export class RouterConnections implements Disposable {
  readonly #options: RouterOptions;
  readonly #clients = new Map<string, RouterServiceClient>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /**
   * Opens the tunnel that `token` stands for. The client at the other end shows the
   * same token, and the router joins the two, whoever comes first.
   *
   * @throws {RangeError} when the endpoint is not host:port.
   * @throws {Error} when the router cannot be reached in time.
   */
  async open(endpoint: string, token: string): Promise<Duplex> {
    const target = formatEndpoint(parseEndpoint(endpoint));
    const client = this.#client(target);
    try {
      await ready(client, this.#options.connectMs ?? CONNECT_MS);
    } catch (error) {
      // The next tunnel gets a new connection: grpc-js may wait on this one without end.
      if (this.#clients.get(target) === client) this.#clients.delete(target);
      client.close();
      throw error;
    }
    const metadata = new Metadata();
    // Nothing else: the router refuses two authorizations, and knows no exporters.
    metadata.set("authorization", `Bearer ${token}`);
    return callerBytes(client.stream(metadata));
  }

  /**
   * Has the tunnels from now on use new connections: the network was gone, and whether
   * those of before still carry anything is known to their keepalive in 200 s only. Tunnels
   * that are open go on, as their clients may well sit a long cut out.
   */
  renew(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #client(target: string): RouterServiceClient {
    const known = this.#clients.get(target);
    if (known) return known;
    const client = new RouterServiceClient(
      `dns:${target}`,
      channelCredentials(this.#options.tls),
      channelOptions(this.#options.channelOptions),
    );
    this.#clients.set(target, client);
    return client;
  }
}

const CONNECT_MS = 20_000;

function ready(client: RouterServiceClient, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + ms, (error) => error ? reject(error) : resolve());
  });
}
