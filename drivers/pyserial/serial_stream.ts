/** The byte stream of one client, whatever is at its other end. @module */
import { Duplex, type DuplexOptions } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** How long bytes that were accepted before the client's end may still be sent, in ms. */
const LINGER_MS = 5_000;

/** What all streams can be told. */
export interface SerialStreamOptions {
  /** Bytes a second that the device can take; none or not positive means no limit. */
  readonly cps?: number | null;
}

/** A duplex that sends its input in order, at the pace of the device. */
export abstract class SerialStream extends Duplex {
  readonly #pause: number;
  readonly #end = new AbortController();
  #lingering: ReturnType<typeof setTimeout> | undefined;

  constructor({ cps }: SerialStreamOptions, options?: DuplexOptions) {
    // One write at a time must reach the client as backpressure soon: a line is slow.
    super({ writableHighWaterMark: 4096, ...options });
    this.#pause = cps && cps > 0 ? 1000 / cps : 0;
    // An error before the session listens must not end the process; the session still hears it.
    this.on("error", () => {});
  }

  /** Resolves when the device can take more. */
  protected abstract send(bytes: Uint8Array): Promise<void>;

  /** Gives back what the stream holds; called once. */
  protected abstract release(): void;

  override _write(chunk: Uint8Array, _: string, callback: (error?: Error | null) => void): void {
    const sent = this.#pause ? this.#sendSlowly(chunk) : this.send(chunk);
    sent.then(() => callback(), callback);
  }

  /** Byte by byte with a pause between them, but none after the last, as upstream has it. */
  async #sendSlowly(chunk: Uint8Array): Promise<void> {
    for (let index = 0; index < chunk.length; index++) {
      if (index > 0) await sleep(this.#pause, undefined, { signal: this.#end.signal });
      await this.send(chunk.subarray(index, index + 1));
    }
  }

  /**
   * Destroys the stream, but sends first what a client left behind that said all it had
   * to say and went: `echo reboot | j serial pipe --no-output`.
   */
  override destroy(error?: Error | null): this {
    const unsent = this.writableEnded && !this.writableFinished;
    if (error || !unsent || this.destroyed) return super.destroy(error ?? undefined);
    if (this.#lingering === undefined) {
      this.#lingering = setTimeout(() => super.destroy(), LINGER_MS);
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
    this.release();
    callback(error);
  }
}
