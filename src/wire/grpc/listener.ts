/** Where a server listens. @module */
import type { AddressInfo, Socket } from "node:net";
import { listenPrivately } from "../../files/socket.ts";
import { ConnLink, DuplexLink, type Link } from "../link.ts";

/** PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A TCP port, 0 for any, encrypted where there are keys; or the path of a socket. */
export type Place =
  | { readonly hostname: string; readonly port: number; readonly keys?: KeyPair }
  | { readonly path: string };

/** Somebody who accepts connections. */
export interface Listener {
  /** 0 for a socket of the file system. */
  readonly port: number;
  /** Accepts nobody any more. */
  stop(): void;
  /** After `stop`: drops those that never came to anything, and removes the socket of the file system. */
  close(): Promise<void>;
}

/** How long a TLS handshake may take; a port that is open to all must not collect silent peers. */
const HANDSHAKE_MS = 10_000;

/** Accepts connections until it is closed. A handshake that fails costs its connection alone. */
export function listen(place: Place, accept: (link: Link) => void): Promise<Listener> {
  if ("path" in place) return Promise.resolve(listenUnix(place.path, accept));
  const { hostname, port, keys } = place;
  return keys
    ? listenTls(hostname, port, keys, accept)
    : Promise.resolve(listenTcp(hostname, port, accept));
}

function listenUnix(path: string, accept: (link: Link) => void): Listener {
  const listener = listenPrivately(path);
  const over = acceptAll(listener, accept);
  return {
    port: 0,
    stop: () => listener.close(),
    async close() {
      await over;
      await Deno.remove(path).catch(() => {});
    },
  };
}

function listenTcp(hostname: string, port: number, accept: (link: Link) => void): Listener {
  const listener = Deno.listen({ hostname, port });
  const over = acceptAll(listener, accept);
  return {
    port: listener.addr.port,
    stop: () => listener.close(),
    close: () => over,
  };
}

async function acceptAll(
  listener: { accept(): Promise<Deno.Conn> },
  accept: (link: Link) => void,
): Promise<void> {
  for (;;) {
    try {
      const conn = await listener.accept();
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay();
      accept(new ConnLink(conn));
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // Too many open files, or a client that left at once: others still come.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * By node:tls, as Deno's own TLS sockets know no TCP_NODELAY: whatever is said in two
 * writes would take 40 ms.
 */
async function listenTls(
  hostname: string,
  port: number,
  keys: KeyPair,
  accept: (link: Link) => void,
): Promise<Listener> {
  // Only here: those who listen on a socket need none of it.
  const { createServer } = await import("node:tls");
  const sockets = new Set<Socket>();
  const server = createServer(
    { ...keys, ALPNProtocols: ["h2"], handshakeTimeout: HANDSHAKE_MS },
    (socket) => {
      socket.setNoDelay(true);
      accept(new DuplexLink(socket));
    },
  );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, resolve);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => void server.close(),
    async close() {
      // Those that are served have had their time; the others never said anything.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
