/** Opens tunnels: raw bytes to a client, through a router. @module */
import { channelOptions, maxMessageOf, withServerName } from "../wire/grpc/channel_options.ts";
import { Code } from "../wire/code.ts";
import { dialTls } from "../wire/net/dial.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { messageOf } from "../wire/error.ts";
import { grpcRoute } from "../wire/proxy/grpc_proxy.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import { StatusError } from "../wire/grpc/status.ts";
import type { Keepalive } from "../wire/http2/endpoint.ts";
import { RouterServiceService } from "../wire/gen/jumpstarter/v1/router.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Tunnel } from "../wire/router/tunnel.ts";

/** How routers are reached; the same options as for the controller. */
export interface RouterOptions {
  readonly tls: TlsOptions;
  readonly channelOptions: Readonly<Record<string, string | number>>;
  /** Longest time to connect, in milliseconds; clients wait as long. @default 20_000 */
  readonly connectMs?: number;
  /** Longest time in milliseconds that a connection may be silent and get new tunnels. @default 3_000 */
  readonly silentMs?: number;
  /** Called when a connection with open tunnels is silent, and another one is made for new tunnels. */
  onSilent?(endpoint: string): void;
}

const CONNECT_MS = 20_000;

/** Ten times the round trip of a slow network. */
const SILENT_MS = 3_000;

/** The connections of one lease to routers: one per endpoint, shared by its tunnels. */
export class RouterConnections implements Disposable {
  readonly #options: RouterOptions;
  readonly #clients = new Map<string, Promise<GrpcClient>>();
  readonly #open = new Set<GrpcClient>();
  readonly #closing = new AbortController();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /**
   * Opens the tunnel that `token` names. The client at the other end presents the same token,
   * and the router joins the two, in either order.
   *
   * @throws {RangeError} if the endpoint is not host:port.
   * @throws {StatusError} UNAVAILABLE if the router cannot be reached in time.
   */
  async open(endpoint: string, token: string): Promise<Tunnel> {
    const client = await this.#client(parseEndpoint(endpoint));
    // The router takes exactly one authorization, and no identity of the exporter.
    const metadata = [["authorization", `Bearer ${token}`]] as const;
    // A copy less for each byte that passes on.
    const settings = { metadata, keep: false };
    return new Tunnel(client.call(RouterServiceService.stream.path, settings));
  }

  /**
   * Makes later tunnels use new connections: after an outage of the network the existing ones may
   * be dead, and their keepalive needs up to 200 s to notice. Open tunnels stay, as their clients
   * may survive a long outage.
   */
  renew(): void {
    for (const client of this.#open) client.shutDown();
    this.#clients.clear();
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new DOMException("the lease has ended", "AbortError"));
    // Connections close when their last tunnel has ended.
    this.renew();
  }

  async #client(endpoint: Endpoint): Promise<GrpcClient> {
    const target = formatEndpoint(endpoint);
    const known = this.#clients.get(target);
    if (known && await this.#works(known, target)) return await known;
    if (known && this.#clients.get(target) !== known) return await this.#client(endpoint);
    const connecting = this.#connect(endpoint, target);
    this.#clients.set(target, connecting);
    return await connecting;
  }

  /** Whether new tunnels may use a connection: its keepalive needs up to 200 s to see that it is dead. */
  async #works(connecting: Promise<GrpcClient>, target: string): Promise<boolean> {
    const client = await connecting.catch(() => undefined);
    if (!client?.usable) return false;
    const { silentMs = SILENT_MS, onSilent } = this.#options;
    if (await client.answers(silentMs)) return true;
    if (!client.usable) return false;
    client.shutDown();
    onSilent?.(target);
    return false;
  }

  async #connect(endpoint: Endpoint, target: string): Promise<GrpcClient> {
    const late = AbortSignal.timeout(this.#options.connectMs ?? CONNECT_MS);
    const signal = AbortSignal.any([late, this.#closing.signal]);
    try {
      const { tls, channelOptions } = this.#options;
      const { proxy } = grpcRoute(endpoint, channelOptions);
      const link = await dialTls(endpoint, withServerName(tls, channelOptions), signal, proxy);
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
