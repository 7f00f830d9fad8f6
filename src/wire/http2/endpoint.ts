/** A connection on a link: writes what it has to say, and watches whether the peer lives. @module */
import type { Link } from "../net/link.ts";
import { yieldToEventLoop } from "../../base/event_loop.ts";
import { ConnectionError, Reason } from "./codes.ts";
import { Http2Connection } from "./connection.ts";
import { TURN } from "./frame_reader.ts";
import type { Header } from "./header_table.ts";
import type { Http2Stream } from "./stream.ts";

/** How a silent peer is found out, in milliseconds. */
export interface Keepalive {
  /** Silence after which it is asked for a sign of life. */
  readonly timeMs: number;
  /** How long it may take to give one. */
  readonly timeoutMs: number;
}

/** Hears of an endpoint. */
export interface EndpointListener {
  /** The peer has opened a stream (servers only). */
  stream?(stream: Http2Stream, headers: readonly Header[]): void;
  /** The peer speaks HTTP/2. */
  greeted?(): void;
  /** The peer takes no new streams. */
  goaway?(): void;
  /** The link is closed, and every stream was told. */
  closed(error?: Error): void;
}

/** How long the last words may take to leave, in milliseconds. */
const FAREWELL_MS = 1_000;

/** @see module */
export class Http2Endpoint {
  readonly connection: Http2Connection;
  readonly #link: Link;
  readonly #listener: EndpointListener;
  #scheduled = false;
  #writing = false;
  #heard = true;
  /** The connection's work when the others last had their turn. */
  #rested = 0;
  /** How often the link had waited then, and what tells of their turn where it does not count. */
  #waits: number | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #closing = false;
  #failure: Error | undefined;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(
    role: "server" | "client",
    link: Link,
    keepalive: Keepalive,
    listener: EndpointListener,
  ) {
    this.#link = link;
    this.#listener = listener;
    this.connection = new Http2Connection(role, {
      stream: (stream, headers) => listener.stream?.(stream, headers),
      greeted: () => listener.greeted?.(),
      goaway: () => listener.goaway?.(),
      output: () => this.#schedule(),
      // A link that is to close when it has nothing more to carry hears of it there.
      idle: () => this.#schedule(),
      failed: (error) => this.#fail(error),
    });
    link.start({
      bytes: (bytes) => this.#receive(bytes),
      closed: (error) => this.#closed(error),
    });
    this.#watch(keepalive);
    this.#schedule();
  }

  /** Takes no new streams, and closes the link when the last has ended and left. */
  shutDown(): void {
    this.#closing = true;
    this.connection.goaway();
    this.#schedule();
  }

  /** Closes the link now. */
  close(): void {
    this.#link.close();
  }

  #receive(bytes: Uint8Array): Promise<void> | undefined {
    this.#heard = true;
    if (this.#link.waits !== this.#waits) this.#hadRest();
    const taken = this.connection.receive(bytes);
    const work = this.connection.work - this.#rested;
    if (work >= TURN) return this.#goOn(bytes.slice(taken));
    const uncounted = this.#waits === undefined;
    if (uncounted && work >= TURN / 2) this.#rest ??= setTimeout(() => this.#hadRest(), 0);
    return undefined;
  }

  /** The others had their turn, as when a timer fires: a peer that pauses by itself need not be stopped. */
  #hadRest(): void {
    this.#rest = undefined;
    this.#waits = this.#link.waits;
    this.#rested = this.connection.work;
  }

  /**
   * Takes what is left in turns of its own, so that no peer keeps the others waiting.
   */
  async #goOn(rest: Uint8Array): Promise<void> {
    do {
      await yieldToEventLoop();
      this.#rested = this.connection.work;
      rest = rest.subarray(this.connection.receive(rest));
    } while (rest.length > 0);
  }

  /** Whatever is said in this turn leaves in one write. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#writing) this.#flush();
    });
  }

  #flush(): void {
    for (;;) {
      const bytes = this.connection.takeOutput();
      if (bytes.length === 0) {
        this.connection.giveBack(bytes);
        return this.#closeIfDone();
      }
      const taken = this.#link.write(bytes);
      if (taken) {
        this.#writing = true;
        return void taken.then(() => {
          this.#writing = false;
          this.connection.giveBack(bytes);
          this.#flush();
        });
      }
      this.connection.giveBack(bytes);
    }
  }

  #closeIfDone(): void {
    const over = this.connection.closed || this.connection.streams === 0;
    if (this.#closing && over) this.#link.close();
  }

  #fail(error: ConnectionError): void {
    this.#failure = error;
    this.#closing = true;
    this.#timers.push(setTimeout(() => this.#link.close(), FAREWELL_MS));
  }

  #closed(error?: Error): void {
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#rest);
    this.connection.lost();
    this.#listener.closed(this.#failure ?? error);
  }

  /** Looks twice in each period, so that a peer is asked at most half a period late. */
  #watch({ timeMs, timeoutMs }: Keepalive): void {
    let quiet = performance.now();
    this.#timers.push(setInterval(() => {
      const now = performance.now();
      this.connection.refill();
      if (this.#heard) {
        this.#heard = false;
        this.#asked = 0;
        quiet = now;
      } else if (this.#asked > 0 && now - this.#asked >= timeoutMs) {
        const silence = `no sign of life within ${timeoutMs / 1000} s`;
        this.connection.fail(new ConnectionError(Reason.NO_ERROR, silence));
      } else if (this.#asked === 0 && now - quiet >= timeMs * 0.75) {
        this.#asked = now;
        this.connection.ping();
      }
    }, Math.max(1, Math.min(timeMs, timeoutMs) / 2)));
  }
}
