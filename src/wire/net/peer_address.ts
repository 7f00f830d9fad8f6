/** Addresses of peers, as logs and limits name them. @module */

/** The address of a peer that has none in the network. */
export const UNIX_PEER = "a Unix socket";

/** `192.0.2.1:40000`, `[2001:db8::1]:40000`. Dual-stack sockets report IPv4 mapped into IPv6. */
export function formatPeer(host: string, port: number): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** The address of the peer of one of Deno's sockets. */
export function peerOf({ remoteAddr }: Deno.Conn): string {
  if (!("hostname" in remoteAddr)) return UNIX_PEER;
  return formatPeer(remoteAddr.hostname, remoteAddr.port);
}

/** The address without the port: what a peer cannot change by connecting again. */
export function hostOfAddress(address: string): string {
  return address.replace(/:\d+$/, "");
}
