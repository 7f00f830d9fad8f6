/** Listening for connections: on TCP, with TLS or without, or on a Unix socket. @module */
import { listenPrivately } from "../../files/socket.ts";
import { ConnLink, type Link } from "../net/link.ts";
import { acceptAll } from "./accept.ts";
import type { ConnectionLimit } from "./connection_limit.ts";
import { PendingConnections } from "./pending.ts";
import type { KeyPair, TlsHandshakes } from "./tls_handshakes.ts";

export type { KeyPair };

/** A TCP port, 0 for any, encrypted when there are keys; or the path of a Unix socket. */
export type ListenAddress =
  | { readonly hostname: string; readonly port: number; readonly keys?: KeyPair }
  | { readonly path: string };

/** Accepts connections on one address. */
export interface Acceptor {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Accepts no more connections. */
  stop(): void;
  /** To be called after `stop`: closes pending connections, and removes the Unix socket. */
  close(): Promise<void>;
}

/** What an acceptor does with connections. */
export interface AcceptorOptions {
  readonly limit: ConnectionLimit;
  /** Serves a connection. */
  accept(link: Link): void;
  /** Tells the operator what keeps clients from connecting. */
  warn(line: string): void;
}

/** Accepts connections until it is closed. A handshake that fails closes only its own connection. */
export async function listen(address: ListenAddress, options: AcceptorOptions): Promise<Acceptor> {
  const { limit, accept, warn } = options;
  const pending = new PendingConnections(limit);
  const enter = (link: Link) => pending.serveWhenHeard(link, accept);
  if ("path" in address) return listenUnix(address.path, pending, enter, warn);
  const { hostname, port, keys } = address;
  const handshakes = keys && await handshakesOf(keys, pending);
  const listener = Deno.listen({ hostname, port });
  const over = acceptAll(listener, (conn) => {
    (conn as Deno.TcpConn).setNoDelay();
    if (handshakes) handshakes.begin(conn, enter);
    else enter(new ConnLink(conn));
  }, warn);
  return {
    port: listener.addr.port,
    stop: () => listener.close(),
    async close() {
      pending.clear();
      await over;
    },
  };
}

/** Loads node:tls only when it is needed: Unix sockets do without. */
async function handshakesOf(keys: KeyPair, pending: PendingConnections): Promise<TlsHandshakes> {
  const { TlsHandshakes } = await import("./tls_handshakes.ts");
  return new TlsHandshakes(keys, pending);
}

function listenUnix(
  path: string,
  pending: PendingConnections,
  enter: (link: Link) => void,
  warn: AcceptorOptions["warn"],
): Acceptor {
  const listener = listenPrivately(path);
  const over = acceptAll(listener, (conn) => enter(new ConnLink(conn)), warn);
  return {
    port: 0,
    stop: () => listener.close(),
    async close() {
      pending.clear();
      await over;
      await Deno.remove(path).catch(() => {});
    },
  };
}
