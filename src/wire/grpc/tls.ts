/** TLS for accepted connections. @module */
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { ConnStream } from "../../base/conn_stream.ts";
import { DuplexLink, type Link, peerOf } from "../link.ts";
import type { Lobby } from "./lobby.ts";

/** PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** How long a handshake may take; a port that is open to all must not collect silent peers. */
const HANDSHAKE_MS = 10_000;

/**
 * The handshakes of one listener. By node:tls, as Deno's own TLS sockets know no TCP_NODELAY and
 * stay open where they are closed amid a handshake; but not by its server, which accepts nobody
 * any more once descriptors were missing.
 */
export class Handshakes {
  readonly #context: SecureContext;
  readonly #lobby: Lobby;

  constructor(keys: KeyPair, lobby: Lobby) {
    this.#context = createSecureContext({ ...keys });
    this.#lobby = lobby;
  }

  /** Shakes hands; whoever does not in time is left. Those that do are given to `accept`. */
  begin(conn: Deno.Conn, accept: (link: Link) => void): void {
    const peer = peerOf(conn);
    const stream = new ConnStream(conn);
    const socket = new TLSSocket(stream, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ["h2"],
    });
    const dismiss = () => void stream.destroy();
    const over = this.#lobby.wait(peer, HANDSHAKE_MS, dismiss);
    // Whatever fails ends in the end of both, and is of interest to the peer alone.
    for (const one of [stream, socket]) one.on("error", dismiss);
    stream.once("close", () => {
      over();
      socket.destroy();
    });
    socket.once("close", dismiss);
    // A peer that ends its side amid the handshake has left.
    stream.once("end", dismiss);
    socket.once("secure", () => {
      over();
      stream.off("end", dismiss);
      accept(new DuplexLink(socket, { peer, carrier: stream }));
    });
  }
}
