/** Two connections in memory that record their events, for tests. @module */
import type { ConnectionError } from "./codes.ts";
import { Http2Connection } from "./connection.ts";
import type { Header } from "./header_table.ts";
import type { Http2Stream, StreamListener } from "./stream.ts";

/** Records the events of a stream. */
export class Heard implements StreamListener {
  readonly lists: (readonly Header[])[] = [];
  readonly bytes: number[] = [];
  length = 0;
  ended = false;
  resetReason: number | undefined;
  why: string | undefined;
  drains = 0;
  readonly #stream: Http2Stream;
  /** Whether bytes are credited as they arrive. */
  greedy = true;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
    stream.listener = this;
  }

  headers(headers: readonly Header[]): void {
    this.lists.push(headers);
  }

  data(bytes: Uint8Array): void {
    this.length += bytes.length;
    if (this.length < 100_000) this.bytes.push(...bytes);
    if (this.greedy) this.#stream.credit(bytes.length);
  }

  end(): void {
    this.ended = true;
  }

  reset(reason: number, why?: string): void {
    this.resetReason = reason;
    this.why = why;
  }

  drained(): void {
    this.drains += 1;
  }
}

/** A connection that records its events. */
export class Side {
  readonly connection: Http2Connection;
  readonly accepted: { stream: Http2Stream; heard: Heard }[] = [];
  error: ConnectionError | undefined;
  gone = false;
  idle = false;

  constructor(role: "server" | "client") {
    this.connection = new Http2Connection(role, {
      stream: (stream, headers) => {
        const heard = new Heard(stream);
        heard.headers(headers);
        this.accepted.push({ stream, heard });
      },
      output() {},
      idle: () => this.idle = true,
      greeted() {},
      answered() {},
      goaway: () => this.gone = true,
      failed: (error) => this.error = error,
    });
  }

  /** A copy of its output. */
  say(): Uint8Array {
    const taken = this.connection.takeOutput();
    const copy = taken.slice();
    this.connection.giveBack(taken);
    return copy;
  }
}

/** Lets both sides talk until neither has anything to say; `cut` gives the sizes of the pieces. */
export function talk(a: Side, b: Side, cut: () => number = () => Infinity): void {
  for (let quiet = 0; quiet < 2;) {
    quiet = 0;
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const bytes = from.say();
      if (bytes.length === 0) quiet += 1;
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + Math.max(1, cut()));
        at += to.connection.receive(bytes.subarray(at, end));
      }
    }
  }
}

/** A frame, byte by byte. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Iterable<number> = [],
  length = [...payload].length,
): number[] {
  const id = [stream >>> 24, stream >>> 16 & 255, stream >>> 8 & 255, stream & 255];
  return [length >>> 16, length >>> 8 & 255, length & 255, type, flags, ...id, ...payload];
}
