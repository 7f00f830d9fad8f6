/** How a driver reads and writes the byte streams that clients pass as handles. @module */
import type { ResourceHandle } from "./handle.ts";

/** Bytes that can be read once, from beginning to end. */
export interface Source extends AsyncIterable<Uint8Array> {
  /** The number of bytes, if it is known; some sources know it only with the first bytes. */
  readonly size?: number;
}

/**
 * The byte streams of the handles of one call. Their bytes are uncompressed and have backpressure,
 * so that only a few chunks are in memory. All of them end with the call at the latest, whether it
 * opened them or not.
 *
 * @example `flash: withArgs([resourceHandle], async ([image], { resources }) => {
 *   for await (const chunk of await resources.read(image)) await card.write(chunk);
 * })`
 */
export interface Resources {
  /**
   * Opens the client's bytes. A loop over them may end early, which ends the client's stream. The
   * iterator throws if the bytes are incomplete.
   *
   * @throws {InvalidArgument} for an unknown encoding.
   * @throws {DriverError} for a handle of another driver, or one that was used before.
   */
  read(handle: ResourceHandle): Promise<Source>;

  /**
   * Sends `content` to the client; resolves when all of it has been handed to the connection.
   * Chunks must not be modified after they were yielded. If `content` throws, the client's stream
   * fails, too. Where the client names an address, such as one of S3, the server may refuse
   * content without a `size`.
   *
   * @throws as `read`, and {ConnectionFailed} if the client ends the stream early.
   */
  write(handle: ResourceHandle, content: Source): Promise<void>;
}
