/** Tunnels: raw bytes to a client, through a router. @module */
import { channelOptions, maxMessageOf, withServerName } from "../wire/grpc/channel_options.ts";
import { Code } from "../wire/code.ts";
import { dialTls } from "../wire/net/dial.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { messageOf } from "../wire/error.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import { StatusError } from "../wire/grpc/status.ts";
import type { Keepalive } from "../wire/http2/endpoint.ts";
import { RouterServiceService } from "../wire/gen/jumpstarter/v1/router.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Tunnel } from "../wire/router/tunnel.ts";

/** How routers are reached: as the controller is. */
export interface RouterOptions {
  readonly tls: TlsOptions;
  readonly channelOptions: Readonly<Record<string, string | number>>;
  /** How long a router may take to answer; a client waits no longer. @default 20_000 */
  readonly connectMs?: number;
}

const CONNECT_MS = 20_000;

/** The connections to routers of one lease, one per endpoint, shared by its tunnels. */
export class RouterConnections implements Disposable {
  readonly #options: RouterOptions;
  readonly #clients = new Map<string, Promise<GrpcClient>>();
  readonly #open = new Set<GrpcClient>();
  readonly #closing = new AbortController();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /**
   * Opens the tunnel that `token` stands for. The client at the other end shows the
   * same token, and the router joins the two, whoever comes first.
   *
   * @throws {RangeError} when the endpoint is not host:port.
   * @throws {StatusError} UNAVAILABLE when the router cannot be reached in time.
   */
  async open(endpoint: string, token: string): Promise<Tunnel> {
    const client = await this.#client(parseEndpoint(endpoint));
    // Nothing else: the router refuses two authorizations, and knows no exporters.
    const metadata = [["authorization", `Bearer ${token}`]] as const;
    // A copy less for each byte that passes on.
    const settings = { metadata, keep: false };
    return new Tunnel(client.call(RouterServiceService.stream.path, settings));
  }

  /**
   * Has the tunnels from now on use new connections: the network was gone, and whether
   * those of before still carry anything is known to their keepalive in 200 s only. Tunnels
   * that are open go on, as their clients may well sit a long cut out.
   */
  renew(): void {
    for (const client of this.#open) client.shutDown();
    this.#clients.clear();
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new DOMException("the lease has ended", "AbortError"));
    // Tunnels that are saying goodbye still may.
    this.renew();
  }

  async #client(endpoint: Endpoint): Promise<GrpcClient> {
    const target = formatEndpoint(endpoint);
    const known = this.#clients.get(target);
    if (known && await known.then(({ usable }) => usable, () => false)) return await known;
    if (known && this.#clients.get(target) !== known) return await this.#client(endpoint);
    const connecting = this.#connect(endpoint, target);
    this.#clients.set(target, connecting);
    return await connecting;
  }

  async #connect(endpoint: Endpoint, target: string): Promise<GrpcClient> {
    const late = AbortSignal.timeout(this.#options.connectMs ?? CONNECT_MS);
    const signal = AbortSignal.any([late, this.#closing.signal]);
    try {
      const { tls, channelOptions } = this.#options;
      const link = await dialTls(endpoint, withServerName(tls, channelOptions), signal);
      const { authority, keepalive } = this.#settings(target);
      const maxMessage = maxMessageOf(channelOptions);
      const client = new GrpcClient(link, {
        authority,
        keepalive,
        maxMessage,
        onClosed: () => this.#open.delete(client),
      });
      this.#open.add(client);
      await client.ready(signal);
      return client;
    } catch (error) {
      throw new StatusError(Code.UNAVAILABLE, messageOf(signal.aborted ? signal.reason : error));
    }
  }

  #settings(target: string): { authority: string; keepalive: Keepalive } {
    const options = channelOptions(this.#options.channelOptions);
    return {
      authority: String(options["grpc.default_authority"] ?? target),
      keepalive: {
        timeMs: Number(options["grpc.keepalive_time_ms"]),
        timeoutMs: Number(options["grpc.keepalive_timeout_ms"]),
      },
    };
  }
}
