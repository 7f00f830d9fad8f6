/** Where a server listens. @module */

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
  /** Stops, and removes the socket of the file system. */
  close(): Promise<void>;
}

/** How long a TLS handshake may take; a port that is open to all must not collect silent peers. */
const HANDSHAKE_MS = 10_000;

/** Accepts connections until it is closed. A handshake that fails costs its connection alone. */
export function listen(place: Place, accept: (conn: Deno.Conn) => void): Promise<Listener> {
  if ("path" in place) return Promise.resolve(listenUnix(place.path, accept));
  const { hostname, port, keys } = place;
  const listener = keys
    ? Deno.listenTls({ hostname, port, ...keys, alpnProtocols: ["h2"] })
    : Deno.listen({ hostname, port });
  const over = acceptAll(listener, keys ? (conn) => void shakeHands(conn, accept) : accept);
  return Promise.resolve({
    port: listener.addr.port,
    close() {
      listener.close();
      return over;
    },
  });
}

function listenUnix(path: string, accept: (conn: Deno.Conn) => void): Listener {
  const listener = Deno.listen({ transport: "unix", path });
  const over = acceptAll(listener, accept);
  return {
    port: 0,
    async close() {
      listener.close();
      await over;
      await Deno.remove(path).catch(() => {});
    },
  };
}

async function acceptAll<C extends Deno.Conn>(
  listener: { accept(): Promise<C> },
  accept: (conn: C) => void,
): Promise<void> {
  for (;;) {
    try {
      const conn = await listener.accept();
      if ("setNoDelay" in conn) (conn as unknown as Deno.TcpConn).setNoDelay();
      accept(conn);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // Too many open files, or a client that left at once: others still come.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function shakeHands(
  conn: Deno.Conn,
  accept: (conn: Deno.Conn) => void,
): Promise<void> {
  const timer = setTimeout(() => conn.close(), HANDSHAKE_MS);
  try {
    await (conn as Deno.TlsConn).handshake();
    clearTimeout(timer);
    accept(conn);
  } catch {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // The timer was first.
    }
  }
}
