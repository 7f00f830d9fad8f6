/** Sources: bytes that are read once. @module */
import type { Duplex } from "node:stream";
import { ConnectionFailed, DriverError, messageOf } from "../../wire/error.ts";
import type { Source } from "./resources.ts";

/**
 * `bytes` as a source. To read it a second time fails, where a plain stream would seem
 * to be empty.
 */
export function once(bytes: AsyncIterable<Uint8Array>, size?: number): Source {
  let read = false;
  return {
    ...(size !== undefined && { size }),
    [Symbol.asyncIterator]() {
      if (read) throw new DriverError("Cannot read a resource twice: its bytes are gone");
      read = true;
      return bytes[Symbol.asyncIterator]();
    },
  };
}

/**
 * What a client sends, up to where it says that this is all. Leaving the loop ends the
 * client's stream.
 *
 * @throws {ConnectionFailed} when the stream breaks off before.
 */
export async function* received(stream: Duplex): AsyncGenerator<Uint8Array> {
  let count = 0;
  try {
    // Left to itself, the iterator would end a stream with the status of an aborted call.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      yield chunk;
      count += chunk.length;
    }
  } catch (error) {
    if (error instanceof DriverError) throw error;
    throw new ConnectionFailed(
      `the client's stream broke off after ${count} bytes: ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    stream.destroy();
  }
}
