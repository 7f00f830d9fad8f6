/** Sources: bytes that are read once. @module */
import type { Duplex } from "node:stream";
import { ConnectionFailed, DriverError, messageOf } from "../wire/error.ts";
import type { Source } from "./resources.ts";

/**
 * Bytes as a source. To read it a second time fails, where a plain stream would seem to be
 * empty.
 */
export class Once implements Source {
  readonly size?: number;
  readonly #bytes: AsyncIterable<Uint8Array>;
  #reading: AsyncIterator<Uint8Array> | undefined;

  constructor(bytes: AsyncIterable<Uint8Array>, size?: number) {
    this.#bytes = bytes;
    if (size !== undefined) this.size = size;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#reading) throw new DriverError("Cannot read a resource twice: its bytes are gone");
    return this.#reading = this.#bytes[Symbol.asyncIterator]();
  }

  /** Frees what a reader holds that went away without leaving its loop. */
  leave(): void {
    this.#reading?.return?.().catch(() => {});
  }
}

/**
 * What a client sends, up to where it says that this is all. Leaving the loop ends the
 * client's stream.
 *
 * @throws {ConnectionFailed} when the stream breaks off before.
 */
export async function* received(stream: Duplex): AsyncGenerator<Uint8Array> {
  let count = 0;
  let complete = false;
  try {
    // Left to itself, the iterator would end a stream with the status of an aborted call.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      yield chunk;
      count += chunk.length;
    }
    complete = true;
  } catch (error) {
    if (error instanceof DriverError) throw error;
    throw new ConnectionFailed(
      `the client's stream broke off after ${count} bytes: ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    // A call that ends before its client has closed its side may lose what is on its way.
    if (complete) stream.end();
    else stream.destroy();
  }
}
