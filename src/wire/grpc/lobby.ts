/** Connections that have come to nothing yet: a handshake under way, or not a byte said. @module */
import type { Link, LinkListener } from "../link.ts";
import type { Guest, Guests } from "./guests.ts";
import { hostOfAddress } from "./peer.ts";

/** How long a peer may say nothing, in milliseconds: clients of HTTP/2 speak first, and at once. */
const SILENCE_MS = 5_000;

/** Those of one listener. */
export class Lobby {
  readonly #guests: Guests;
  readonly #waiting = new Set<() => void>();

  constructor(guests: Guests) {
    this.#guests = guests;
  }

  /**
   * Lets a connection wait, for `ms` at most and as long as there is room.
   *
   * @param leave ends it
   * @returns what is to be called when it has come to something, or has left
   */
  wait(peer: string, ms: number, leave: () => void): () => void {
    const guest: Guest = { host: hostOfAddress(peer), idle: true, dismiss: leave };
    const timer = setTimeout(leave, ms);
    this.#waiting.add(leave);
    this.#guests.add(guest);
    return () => {
      clearTimeout(timer);
      this.#waiting.delete(leave);
      this.#guests.delete(guest);
    };
  }

  /** Hands `link` on with its first bytes: one that says nothing costs no more than its socket. */
  listen(link: Link, serve: (link: Link) => void): void {
    let inner: LinkListener | undefined;
    const over = this.wait(link.peer ?? "", SILENCE_MS, () => link.close());
    link.start({
      bytes(bytes) {
        if (!inner) {
          over();
          serve(handedOn(link, (listener) => inner = listener));
        }
        return inner?.bytes(bytes);
      },
      closed(error) {
        over();
        inner?.closed(error);
      },
    });
  }

  /** Everybody leaves. */
  clear(): void {
    for (const leave of this.#waiting) leave();
  }
}

/** `link`, which was started already. */
function handedOn(link: Link, start: Link["start"]): Link {
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
