/** Where a server listens. @module */
import { listenPrivately } from "../../files/socket.ts";
import { ConnLink, type Link } from "../link.ts";
import { acceptAll } from "./accept.ts";
import type { Guests } from "./guests.ts";
import type { Handshakes, KeyPair } from "./tls.ts";

export type { KeyPair };

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

/** What a listener does with those that come. */
export interface Door {
  readonly guests: Guests;
  /** Serves a connection. */
  accept(link: Link): void;
  /** Says to the operator what keeps clients out. */
  warn(line: string): void;
}

/** Accepts connections until it is closed. A handshake that fails costs its connection alone. */
export async function listen(place: Place, door: Door): Promise<Listener> {
  if ("path" in place) return listenUnix(place.path, door);
  const { hostname, port, keys } = place;
  const handshakes = keys && await handshakesOf(keys, door);
  const listener = Deno.listen({ hostname, port });
  const over = acceptAll(listener, (conn) => {
    (conn as Deno.TcpConn).setNoDelay();
    if (handshakes) handshakes.begin(conn, door.accept);
    else door.accept(new ConnLink(conn));
  }, door.warn);
  return {
    port: listener.addr.port,
    stop: () => listener.close(),
    async close() {
      handshakes?.end();
      await over;
    },
  };
}

/** Loaded only here: those who listen on a socket need none of it. */
async function handshakesOf(keys: KeyPair, { guests }: Door): Promise<Handshakes> {
  const { Handshakes } = await import("./tls.ts");
  return new Handshakes(keys, guests);
}

function listenUnix(path: string, door: Door): Listener {
  const listener = listenPrivately(path);
  const over = acceptAll(listener, (conn) => door.accept(new ConnLink(conn)), door.warn);
  return {
    port: 0,
    stop: () => listener.close(),
    async close() {
      await over;
      await Deno.remove(path).catch(() => {});
    },
  };
}
