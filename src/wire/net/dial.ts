/** Opening connections to routers. @module */
import { isIP } from "node:net";
import { connect } from "node:tls";
import { type TlsOptions, trustedRoots } from "./trusted_roots.ts";
import type { Endpoint } from "./endpoint.ts";
import { DuplexLink, type Link } from "./link.ts";

/**
 * Connects to `endpoint` with TLS, and agrees on HTTP/2: nothing else is offered, since
 * a server that prefers HTTP/1.1 would take that.
 *
 * @throws {Error} when the peer cannot be reached, is not trusted or speaks no HTTP/2,
 *   and `signal`'s reason.
 */
export async function dial(
  { host, port }: Endpoint,
  tls: TlsOptions,
  signal: AbortSignal,
): Promise<Link> {
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const name = tls.serverName ?? host;
  const socket = connect({
    host,
    port,
    ALPNProtocols: ["h2"],
    rejectUnauthorized: !tls.insecure,
    ...(roots && { ca: roots }),
    // TLS forbids the literal of an address as a name; the certificate's addresses are checked.
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
    return new DuplexLink(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
