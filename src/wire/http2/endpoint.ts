/** An HTTP/2 connection on a link: writes its output, and detects a dead peer. @module */
import type { Link } from "../net/link.ts";
import { yieldToEventLoop } from "../../base/event_loop.ts";
import { ConnectionError, Reason } from "./codes.ts";
import { Http2Connection } from "./connection.ts";
import { TURN } from "./frame_reader.ts";
import type { Header } from "./header_table.ts";
import type { Http2Stream } from "./stream.ts";

/** When a silent peer counts as dead, in milliseconds. */
export interface Keepalive {
  /** Silence after which a PING is sent. */
  readonly timeMs: number;
  /** How long the peer may take to answer it. */
  readonly timeoutMs: number;
}

/** Receives the events of an endpoint. */
export interface EndpointListener {
  /** The peer has opened a stream (servers only). */
  stream?(stream: Http2Stream, headers: readonly Header[]): void;
  /** The peer speaks HTTP/2. */
  greeted?(): void;
  /** The peer accepts no new streams. */
  goaway?(): void;
  /** The link is closed, and every stream was told. */
  closed(error?: Error): void;
}

/** How long the last frames may take to be written, in milliseconds. */
const FAREWELL_MS = 1_000;

/** @see module */
export class Http2Endpoint {
  readonly connection: Http2Connection;
  readonly #link: Link;
  readonly #listener: EndpointListener;
  #scheduled = false;
  #writing = false;
  #heard = true;
  /** The connection's work when other tasks last ran. */
  #rested = 0;
  /** The link's count of waits at that time, and the timer that replaces it when the link does not count. */
  #waits: number | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #closing = false;
  #failure: Error | undefined;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  /** Those who wait for the answer to a PING. */
  readonly #askers = new Set<(answered: boolean) => void>();

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
      answered: () => this.#settleAsked(true),
      goaway: () => listener.goaway?.(),
      output: () => this.#schedule(),
      // The flush that follows closes the link when it is shutting down.
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

  /** Accepts no new streams, and closes the link when the last one has ended and was written. */
  shutDown(): void {
    this.#closing = true;
    this.connection.goaway();
    this.#schedule();
  }

  /**
   * Whether the peer answers a PING within `ms` milliseconds. Other bytes of the peer do not count:
   * they arrive even where the path loses all the larger packets of this side.
   */
  async answers(ms: number): Promise<boolean> {
    if (this.connection.closed) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#askers.add(resolve);
    const timer = setTimeout(() => resolve(false), ms);
    this.connection.ping();
    const answered = await promise;
    clearTimeout(timer);
    this.#askers.delete(resolve);
    return answered;
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

  /** Other tasks have run, so the peer's work counts anew: a peer that pauses by itself is not held back. */
  #hadRest(): void {
    this.#rest = undefined;
    this.#waits = this.#link.waits;
    this.#rested = this.connection.work;
  }

  /** Reads the rest in further turns, so that no peer delays the others. */
  async #goOn(rest: Uint8Array): Promise<void> {
    do {
      await yieldToEventLoop();
      this.#rested = this.connection.work;
      rest = rest.subarray(this.connection.receive(rest));
    } while (rest.length > 0);
  }

  /** Writes all output of this turn at once. */
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

  #settleAsked(answered: boolean): void {
    for (const settle of this.#askers) settle(answered);
  }

  #fail(error: ConnectionError): void {
    this.#failure = error;
    this.#closing = true;
    this.#timers.push(setTimeout(() => this.#link.close(), FAREWELL_MS));
  }

  #closed(error?: Error): void {
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#rest);
    this.#settleAsked(false);
    this.connection.lost();
    this.#listener.closed(this.#failure ?? error);
  }

  /** Checks twice in each period, so that a PING is at most half a period late. */
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
        const silence = `no answer to a PING within ${timeoutMs / 1000} s`;
        this.connection.fail(new ConnectionError(Reason.NO_ERROR, silence));
      } else if (this.#asked === 0 && now - quiet >= timeMs * 0.75) {
        this.#asked = now;
        this.connection.ping();
      }
    }, Math.max(1, Math.min(timeMs, timeoutMs) / 2)));
  }
}
