/** Opening connections. @module */
import type { Proxy } from "../proxy/proxy.ts";
import { dialThrough } from "../proxy/tunnel.ts";
import { withDeadline } from "../../base/deadline.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { ConnLink, DuplexLink, type Link } from "./link.ts";
import type { TlsOptions } from "./trusted_roots.ts";
import { secure } from "../tls/handshake.ts";

/**
 * Connects to the Unix socket at `path`.
 *
 * @throws {Error} when nobody listens there, and the signal's reason
 */
export async function dialUnix(path: string, signal: AbortSignal): Promise<Link> {
  const connecting = Deno.connect({ transport: "unix", path });
  try {
    return new ConnLink(await withDeadline(connecting, { signal }));
  } catch (error) {
    connecting.then((conn) => conn.close(), () => {});
    throw error;
  }
}

/**
 * Connects to `endpoint` without encryption.
 *
 * @throws {Error} when the peer cannot be reached, {ProxyFailed}, and the signal's reason
 */
export async function dialTcp(
  endpoint: Endpoint,
  signal: AbortSignal,
  proxy?: Proxy,
): Promise<Link> {
  const { host, port } = endpoint;
  if (proxy) {
    const socket = await dialThrough({ proxy, target: endpoint }, { signal });
    return new DuplexLink(socket, { peer: formatEndpoint(endpoint) });
  }
  try {
    const conn = await Deno.connect({ hostname: host, port, signal });
    conn.setNoDelay();
    return new ConnLink(conn);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * Connects to `endpoint` with TLS, and negotiates HTTP/2.
 *
 * @throws {Error} when the peer cannot be reached, {TlsFailed}, {ProxyFailed}, and the signal's
 *   reason
 */
export async function dialTls(
  endpoint: Endpoint,
  tls: TlsOptions,
  signal: AbortSignal,
  proxy?: Proxy,
): Promise<Link> {
  const open = proxy && (() => dialThrough({ proxy, target: endpoint }, { signal }));
  const socket = await secure({ ...endpoint, tls, open }, { signal });
  return new DuplexLink(socket, proxy && { peer: formatEndpoint(endpoint) });
}
