/** Counting what connections carry. @module */
import type { Link, LinkListener } from "./link.ts";

/** Counts the connections of a server, and their bytes. On the hot path: each call is cheap. */
export interface Traffic {
  /** A connection was opened. */
  opened(): void;
  /** A connection was closed. */
  closed(): void;
  /** So many bytes came from a client. */
  received(bytes: number): void;
  /** So many bytes go to a client. */
  sent(bytes: number): void;
}

/** A link that is counted from its start to its end. */
export class CountedLink implements Link {
  readonly #link: Link;
  readonly #traffic: Traffic;

  constructor(link: Link, traffic: Traffic) {
    this.#link = link;
    this.#traffic = traffic;
  }

  get peer(): string {
    return this.#link.peer ?? "an unknown peer";
  }

  get waits(): number | undefined {
    return this.#link.waits;
  }

  start(listener: LinkListener): void {
    const traffic = this.#traffic;
    traffic.opened();
    this.#link.start({
      bytes(bytes) {
        traffic.received(bytes.length);
        return listener.bytes(bytes);
      },
      closed(error) {
        traffic.closed();
        listener.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#traffic.sent(bytes.length);
    return this.#link.write(bytes);
  }

  close(): void {
    this.#link.close();
  }
}
