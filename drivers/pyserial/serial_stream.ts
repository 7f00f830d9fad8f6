/** The byte stream of one client, the same for all kinds of `url`. @module */
import { Duplex, type DuplexOptions } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { History } from "./history.ts";

/** How long accepted bytes may still be sent after their client has left, in ms. */
const LINGER_MS = 5_000;

/** Options of all streams. */
export interface SerialStreamOptions {
  /** Bytes per second that the device accepts; null, 0 or less means no limit. */
  readonly cps?: number | null;
  /** Keeps what the stream receives. */
  readonly history?: History;
  /** Whether the stream begins with what the history has. */
  readonly replay?: boolean;
  /** Called when the other end is lost while the client still uses it. */
  onLost?(reason: string): void;
  /** Called when bytes of a client that has left could not be sent in time. */
  onUnsent?(bytes: number): void;
}

/** A duplex that sends its input in order, at the pace of the device. */
export abstract class SerialStream extends Duplex {
  readonly #pause: number;
  readonly #end = new AbortController();
  readonly #history: History | undefined;
  readonly #onLost: ((reason: string) => void) | undefined;
  readonly #onUnsent: ((bytes: number) => void) | undefined;
  #lingering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    { cps, history, replay, onLost, onUnsent }: SerialStreamOptions,
    options?: DuplexOptions,
  ) {
    // A small buffer, because a line is slow and the client should soon see backpressure.
    super({ writableHighWaterMark: 4096, ...options });
    this.#pause = cps && cps > 0 ? 1000 / cps : 0;
    // An error before the session listens must not end the process; the session still receives it.
    this.on("error", () => {});
    this.#history = history;
    this.#onLost = onLost;
    this.#onUnsent = onUnsent;
    history?.join(this);
    const past = replay && history?.bytes;
    if (past && past.length > 0) super.push(past);
  }

  /** Passes on output of the device, or its end. @returns whether the stream accepts more. */
  override push(chunk: Uint8Array | null): boolean {
    if (chunk) this.#history?.received(this, chunk);
    return super.push(chunk);
  }

  /** Ends the stream after its last bytes, because the port was lost. */
  lose(reason: string): void {
    if (this.#history) this.#history.loss = reason;
    if (!this.writableEnded && !this.destroyed) this.#onLost?.(reason);
    this.push(null);
  }

  /** Sends bytes; resolves when the device accepts more. */
  protected abstract send(bytes: Uint8Array): Promise<void>;

  /** Releases the resources of the stream; called once. */
  protected abstract release(): void;

  override _write(chunk: Uint8Array, _: string, callback: (error?: Error | null) => void): void {
    const sent = this.#pause ? this.#sendSlowly(chunk) : this.send(chunk);
    sent.then(() => callback(), callback);
  }

  /**
   * Sends byte by byte with pauses in between, but none after the last, as the official driver
   * does.
   */
  async #sendSlowly(chunk: Uint8Array): Promise<void> {
    for (let index = 0; index < chunk.length; index++) {
      if (index > 0) await sleep(this.#pause, undefined, { signal: this.#end.signal });
      await this.send(chunk.subarray(index, index + 1));
    }
  }

  /**
   * Destroys the stream, but first sends the accepted bytes if the client has ended its input, as
   * `echo reboot | j serial pipe --no-output` does.
   */
  override destroy(error?: Error | null): this {
    const unsent = this.writableEnded && !this.writableFinished;
    if (error || !unsent || this.destroyed) return super.destroy(error ?? undefined);
    if (this.#lingering === undefined) {
      this.#lingering = setTimeout(() => {
        this.#onUnsent?.(this.writableLength);
        super.destroy();
      }, LINGER_MS);
      this.once("finish", () => super.destroy());
    }
    return this;
  }

  /** Destroys the stream without waiting. */
  abandon(): void {
    super.destroy();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#lingering);
    this.#end.abort();
    this.#history?.leave(this);
    this.release();
    callback(error);
  }
}
