/** Connections that are not yet served: their handshake runs, or they have sent no byte. @module */
import type { Link, LinkListener } from "../net/link.ts";
import { hostOfAddress } from "../net/peer_address.ts";
import type { ConnectionLimit, CountedConnection } from "./connection_limit.ts";

/** How long a peer may stay silent, in milliseconds: HTTP/2 clients send first, and at once. */
const SILENCE_MS = 5_000;

/** The pending connections of one acceptor. */
export class PendingConnections {
  readonly #limit: ConnectionLimit;
  readonly #closers = new Set<() => void>();

  constructor(limit: ConnectionLimit) {
    this.#limit = limit;
  }

  /**
   * Keeps a connection pending for at most `ms`; the connection limit may end that earlier.
   *
   * @param close closes the connection
   * @returns call it when the connection is no longer pending
   */
  hold(peer: string, ms: number, close: () => void): () => void {
    const counted: CountedConnection = { host: hostOfAddress(peer), idle: true, dismiss: close };
    const timer = setTimeout(close, ms);
    this.#closers.add(close);
    this.#limit.add(counted);
    return () => {
      clearTimeout(timer);
      this.#closers.delete(close);
      this.#limit.delete(counted);
    };
  }

  /** Serves `link` once its first bytes come: until then it costs no more than its socket. */
  serveWhenHeard(link: Link, serve: (link: Link) => void): void {
    let inner: LinkListener | undefined;
    const over = this.hold(link.peer ?? "", SILENCE_MS, () => link.close());
    link.start({
      bytes(bytes) {
        if (!inner) {
          over();
          serve(restarted(link, (listener) => inner = listener));
        }
        return inner?.bytes(bytes);
      },
      closed(error) {
        over();
        inner?.closed(error);
      },
    });
  }

  /** Closes all of them. */
  clear(): void {
    for (const close of this.#closers) close();
  }
}

/** `link`, which is started already, with `start` in place of its own. */
function restarted(link: Link, start: Link["start"]): Link {
  return {
    ...(link.peer !== undefined && { peer: link.peer }),
    get waits() {
      return link.waits;
    },
    start,
    write: (bytes) => link.write(bytes),
    close: () => link.close(),
  };
}
