/** Opening connections. @module */
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { Proxy } from "../proxy/proxy.ts";
import { dialThrough } from "../proxy/tunnel.ts";
import { withDeadline } from "../../base/deadline.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { ConnLink, DuplexLink, type Link } from "./link.ts";
import { type TlsOptions, trustedRoots } from "./trusted_roots.ts";

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
 * Connects to `endpoint` with TLS, and negotiates HTTP/2. Nothing else is offered: a server that
 * prefers HTTP/1.1 would choose that.
 *
 * @throws {Error} when the peer cannot be reached, is not trusted or does not offer HTTP/2,
 *   {ProxyFailed}, and the signal's reason
 */
export async function dialTls(
  endpoint: Endpoint,
  tls: TlsOptions,
  signal: AbortSignal,
  proxy?: Proxy,
): Promise<Link> {
  const { host, port } = endpoint;
  const carrier = proxy && await dialThrough({ proxy, target: endpoint }, { signal });
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const name = tls.serverName ?? host;
  const socket = connect({
    host,
    ...(carrier ? { socket: carrier } : { port }),
    ALPNProtocols: ["h2"],
    rejectUnauthorized: !tls.insecure,
    ...(roots && { ca: roots }),
    // TLS forbids IP literals as server names; the addresses in the certificate are checked instead.
    ...(!isIP(name) && { servername: name }),
  });
  socket.setNoDelay(true);
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the peer closed the connection")));
    });
    if (socket.alpnProtocol !== "h2") throw new Error("the peer does not offer HTTP/2");
    return new DuplexLink(socket, carrier && { peer: formatEndpoint(endpoint) });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
