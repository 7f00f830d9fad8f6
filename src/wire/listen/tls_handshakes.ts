/** TLS for accepted connections. @module */
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { ConnStream } from "../../base/conn_stream.ts";
import { DuplexLink, type Link } from "../net/link.ts";
import { peerOf } from "../net/peer_address.ts";
import type { PendingConnections } from "./pending.ts";

/** A certificate chain and its key, as PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** How long a handshake may take; silent peers must not pile up on a public port. */
const HANDSHAKE_MS = 10_000;

/**
 * The handshakes of one acceptor. Deno's own TLS sockets offer no TCP_NODELAY and leak when they
 * are closed during a handshake, so this wraps accepted sockets in node:tls. It does not use the
 * server of node:tls, which stops accepting for good once descriptors were missing.
 */
export class TlsHandshakes {
  readonly #context: SecureContext;
  readonly #pending: PendingConnections;

  constructor(keys: KeyPair, pending: PendingConnections) {
    this.#context = createSecureContext({ ...keys });
    this.#pending = pending;
  }

  /** Begins a handshake, and gives the encrypted link to `accept` when it succeeds in time. */
  begin(conn: Deno.Conn, accept: (link: Link) => void): void {
    const peer = peerOf(conn);
    const stream = new ConnStream(conn);
    const socket = new TLSSocket(stream, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ["h2"],
    });
    const close = () => void stream.destroy();
    const over = this.#pending.hold(peer, HANDSHAKE_MS, close);
    // Any failure closes both; only the peer needs to learn of it.
    for (const one of [stream, socket]) one.on("error", close);
    stream.once("close", () => {
      over();
      socket.destroy();
    });
    socket.once("close", close);
    // A peer that ends its side during the handshake has left.
    stream.once("end", close);
    socket.once("secure", () => {
      over();
      stream.off("end", close);
      accept(new DuplexLink(socket, { peer, carrier: stream }));
    });
  }
}
