/** `loop://`: echoes the chunks of a client. @module */
import { SerialStream, type SerialStreamOptions } from "./serial_stream.ts";

/** Chunks that are buffered for the reader, as many as in the official driver. */
const CAPACITY = 32;

/** A loop of its own for each client. */
export class LoopStream extends SerialStream {
  #resume: (() => void) | undefined;

  constructor(options: SerialStreamOptions) {
    // Object mode keeps the boundaries of chunks.
    super(options, { readableObjectMode: true, readableHighWaterMark: CAPACITY });
  }

  protected override async send(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.push(bytes)) return;
    await new Promise<void>((resolve) => this.#resume = resolve);
  }

  override _read(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  override _final(callback: () => void): void {
    this.push(null);
    callback();
  }

  protected override release(): void {
    this.#resume?.();
  }
}
