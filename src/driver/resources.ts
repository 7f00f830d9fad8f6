/** How a driver gets at the bytes behind the handles that its clients pass. @module */
import type { ResourceHandle } from "./handle.ts";

/** Bytes to be read once, from their beginning to their end. */
export interface Source extends AsyncIterable<Uint8Array> {
  /** How many bytes there will be, where the other side says so. */
  readonly size?: number;
}

/**
 * The bytes behind the handles of one call. They come and go at the slower side's
 * pace, without compression, and nothing holds more than a few chunks of them. What a
 * call opens or is given ends with the call at the latest.
 *
 * @example `flash: withArgs([resourceHandle], async ([image], { resources }) => {
 *   for await (const chunk of await resources.read(image)) await card.write(chunk);
 * })`
 */
export interface Resources {
  /**
   * Opens the bytes that the client has. To leave the loop over them early is fine: the
   * client is told that nobody listens. They throw unless they are whole.
   *
   * @throws {InvalidArgument} for an encoding that is not known.
   * @throws {DriverError} for a handle that is not this driver's, or was used before.
   */
  read(handle: ResourceHandle): Promise<Source>;

  /**
   * Sends `content` to the client; resolves when all of it is on its way. A chunk must not
   * be changed once it was given. If `content` throws, the client's stream breaks, too.
   *
   * @throws what `read` throws, and {ConnectionFailed} when the client stops listening.
   */
  write(handle: ResourceHandle, content: AsyncIterable<Uint8Array>): Promise<void>;
}
