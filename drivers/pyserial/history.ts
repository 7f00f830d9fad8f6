/** The scroll-back of a port, for one lease, and the reason why the port was lost. @module */

/** Size of the scroll-back, in bytes. */
export const SCROLLBACK = 64 * 1024;

/** Keeps the latest output of a port. */
export class History {
  /** Why the port was lost; undefined if it was not, or was opened again. */
  loss: string | undefined;
  #ring: Uint8Array<ArrayBuffer> | undefined;
  #at = 0;
  #filled = 0;
  /** The open streams, the oldest one first. */
  readonly #streams = new Set<object>();

  /** Adds a stream that was opened. */
  join(stream: object): void {
    this.loss = undefined;
    this.#streams.add(stream);
  }

  /** Removes a stream that was closed. */
  leave(stream: object): void {
    this.#streams.delete(stream);
  }

  /** Keeps a chunk that a stream received; only of the oldest one, since all receive the same. */
  received(stream: object, chunk: Uint8Array): void {
    const [oldest] = this.#streams;
    if (stream === oldest) this.#add(chunk.subarray(Math.max(0, chunk.length - SCROLLBACK)));
  }

  /** A copy of the scroll-back. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#filled);
    if (!this.#ring) return bytes;
    const start = (this.#at - this.#filled + SCROLLBACK) % SCROLLBACK;
    const first = this.#ring.subarray(start, start + this.#filled);
    bytes.set(first);
    bytes.set(this.#ring.subarray(0, this.#filled - first.length), first.length);
    return bytes;
  }

  #add(chunk: Uint8Array): void {
    this.#ring ??= new Uint8Array(SCROLLBACK);
    const room = SCROLLBACK - this.#at;
    this.#ring.set(chunk.subarray(0, room), this.#at);
    this.#ring.set(chunk.subarray(room), 0);
    this.#at = (this.#at + chunk.length) % SCROLLBACK;
    this.#filled = Math.min(SCROLLBACK, this.#filled + chunk.length);
  }
}
