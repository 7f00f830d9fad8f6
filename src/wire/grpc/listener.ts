/** Where a server listens. @module */
import { listenPrivately } from "../../files/socket.ts";
import { ConnLink, type Link } from "../link.ts";
import { acceptAll } from "./accept.ts";
import type { Guests } from "./guests.ts";
import { Lobby } from "./lobby.ts";
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
  const lobby = new Lobby(door.guests);
  const enter = (link: Link) => lobby.listen(link, door.accept);
  if ("path" in place) return listenUnix(place.path, lobby, enter, door.warn);
  const { hostname, port, keys } = place;
  const handshakes = keys && await handshakesOf(keys, lobby);
  const listener = Deno.listen({ hostname, port });
  const over = acceptAll(listener, (conn) => {
    (conn as Deno.TcpConn).setNoDelay();
    if (handshakes) handshakes.begin(conn, enter);
    else enter(new ConnLink(conn));
  }, door.warn);
  return {
    port: listener.addr.port,
    stop: () => listener.close(),
    async close() {
      lobby.clear();
      await over;
    },
  };
}

/** Loaded only here: those who listen on a socket need none of it. */
async function handshakesOf(keys: KeyPair, lobby: Lobby): Promise<Handshakes> {
  const { Handshakes } = await import("./tls.ts");
  return new Handshakes(keys, lobby);
}

function listenUnix(
  path: string,
  lobby: Lobby,
  enter: (link: Link) => void,
  warn: Door["warn"],
): Listener {
  const listener = listenPrivately(path);
  const over = acceptAll(listener, (conn) => enter(new ConnLink(conn)), warn);
  return {
    port: 0,
    stop: () => listener.close(),
    async close() {
      lobby.clear();
      await over;
      await Deno.remove(path).catch(() => {});
    },
  };
}
