/** What every compression here is made of. @module */
import { DriverError, InvalidArgument, messageOf } from "../wire/error.ts";

/** Takes bytes in and gives them out, compressed or not, at the reader's pace. */
export type Transcoder = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** One compression, both ways. */
export interface Codec {
  readonly decode: Transcoder;
  readonly encode: Transcoder;
}

/** What every stepper may take without asking, in bytes. */
export const FREE_MEMORY = 16 << 20;

/** Bytes; or how many bytes of memory it needs in all, before it can go on. */
export type Output = Uint8Array<ArrayBuffer> | { readonly needs: number };

/**
 * A compression working in steps, by itself, between which a reader may pause. Of the
 * arrays that it gives, which are large but for the last one, the caller may keep each.
 * Going on after it asked for memory grants it. Its memory goes with its worker.
 */
export interface Stepper {
  /** What `bytes` lead to. */
  push(bytes: Uint8Array): Iterable<Output>;
  /** What is left when no bytes follow. */
  finish(): Iterable<Output>;
}

/**
 * Tells whose fault it is when decoding fails: an error of the source passes as it is, all
 * else is bytes that are not what the client says.
 */
export function decoder(format: string, decode: Transcoder): Transcoder {
  return async function* (bytes) {
    try {
      yield* decode(bytes);
    } catch (error) {
      if (error instanceof DriverError || (error as Error).name === "AbortError") throw error;
      throw new InvalidArgument(
        `Cannot decompress the image: expected whole ${format} data, found: ${messageOf(error)}`,
        { cause: error },
      );
    }
  };
}
