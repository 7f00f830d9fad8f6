/** Sources: bytes that are read once. @module */
import type { Duplex } from "node:stream";
import { ConnectionFailed, DriverError, messageOf } from "../wire/error.ts";
import type { Source } from "./resources.ts";

/** Makes a source of an iterable. A second read fails; a plain stream would look empty. */
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

  /** Ends an iteration that its reader abandoned without leaving the loop. */
  leave(): void {
    this.#reading?.return?.().catch(() => {});
  }
}

/**
 * The bytes that a client sends until it ends its side. Leaving the loop ends the client's stream.
 *
 * @throws {ConnectionFailed} if the stream breaks before that.
 */
export async function* received(stream: Duplex): AsyncGenerator<Uint8Array> {
  let count = 0;
  let complete = false;
  try {
    // By default, the iterator destroys the stream, which clients see as an aborted call.
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
    // Ending the call before the client has ended its side could lose bytes in flight.
    if (complete) stream.end();
    else stream.destroy();
  }
}
