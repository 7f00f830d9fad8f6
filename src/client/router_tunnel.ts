/** The client's end of a tunnel through a router. @module */
import { RouterServiceService } from "../wire/gen/jumpstarter/v1/router.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import type { Keepalive } from "../wire/http2/endpoint.ts";
import { dialTls } from "../wire/net/dial.ts";
import { formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { grpcRoute } from "../wire/proxy/grpc_proxy.ts";
import type { Link } from "../wire/net/link.ts";
import { Tunnel } from "../wire/router/tunnel.ts";

/** A router and the tunnel there, as a controller answers Dial. */
export interface RouterAddress {
  /** `host:port` */
  readonly endpoint: string;
  readonly token: string;
  readonly tls: TlsOptions;
}

/** A tunnel that was opened. */
export interface RouterTunnel {
  readonly link: Link;
  /** Resolves when the connection to the router is closed: a while after the link, which says goodbye. */
  readonly released: Promise<void>;
  /** Closes the connection to the router at once, without a goodbye to the exporter. */
  abort(): void;
}

/** As official clients set it for connections to routers. */
const KEEPALIVE: Keepalive = { timeMs: 20_000, timeoutMs: 180_000 };

/**
 * Opens a tunnel on a connection of its own, which is closed with the tunnel. The exporter shows
 * the same token to the router; whoever comes first waits for the other.
 *
 * @throws {Error} when the router cannot be reached, and the signal's reason
 */
export async function openTunnel(
  address: RouterAddress,
  signal: AbortSignal,
): Promise<RouterTunnel> {
  const endpoint = parseEndpoint(address.endpoint);
  const link = await dialTls(endpoint, address.tls, signal, grpcRoute(endpoint).proxy);
  const authority = formatEndpoint(endpoint);
  const released = Promise.withResolvers<void>();
  const options = { authority, keepalive: KEEPALIVE, onClosed: () => released.resolve() };
  const client = await GrpcClient.open(link, options, signal);
  const metadata = [["authorization", `Bearer ${address.token}`]] as const;
  // Tunnels pass bytes on at once, so none needs a copy.
  const tunnel = new Tunnel(
    client.call(RouterServiceService.stream.path, { metadata, keep: false }),
  );
  const abort = () => client[Symbol.dispose]();
  tunnel.status.then(abort);
  return { link: tunnel, released: released.promise, abort };
}
