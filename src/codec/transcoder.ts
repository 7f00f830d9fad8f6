/** The interfaces of compressions. @module */
import { DriverError, InvalidArgument, messageOf } from "../wire/error.ts";

/** Called at the end if `count` bytes that follow the compressed data were ignored. */
export type OnTrailing = (count: number) => void;

/** The warning about `count` bytes behind the compressed data of an image. @see OnTrailing */
export function trailingNotice(count: number): string {
  return `the image has ${count} bytes behind its compressed data, which are ignored: expected ` +
    "metadata or padding there; compress the image again if it should end with them";
}

/** Compresses or decompresses a stream of bytes as fast as it is read. */
export type Transcoder = (
  bytes: AsyncIterable<Uint8Array>,
  onTrailing?: OnTrailing,
) => AsyncIterable<Uint8Array>;

/** A compression, in both directions. */
export interface Codec {
  readonly decode: Transcoder;
  readonly encode: Transcoder;
}

/** Bytes of memory that every stepper may use without asking. */
export const FREE_MEMORY = 16 << 20;

/**
 * Bytes, or how many bytes of memory the stepper needs in all before it can go on, or how many
 * bytes it has ignored that follow the compressed data.
 */
export type Output =
  | Uint8Array<ArrayBuffer>
  | { readonly needs: number }
  | { readonly trailing: number };

/**
 * A compression in synchronous steps; the reader decides when the next one is done. It yields
 * large arrays, except for the last one, and does not reuse them. Asking it for the next output
 * grants the memory that it needs. Its memory is freed with its worker.
 */
export interface Stepper {
  /** Takes `bytes`; the outputs that they lead to. */
  push(bytes: Uint8Array): Iterable<Output>;
  /** Takes the end of the input; the remaining outputs. */
  finish(): Iterable<Output>;
}

/**
 * Wraps a decoder so that its failure is an InvalidArgument: the bytes are not in the format
 * that the client names. An error of the source passes unchanged.
 */
export function decoder(format: string, decode: Transcoder): Transcoder {
  return async function* (bytes, onTrailing) {
    try {
      yield* decode(bytes, onTrailing);
    } catch (error) {
      if (error instanceof DriverError || (error as Error).name === "AbortError") throw error;
      throw new InvalidArgument(
        `Cannot decompress the image: expected whole ${format} data, found: ${messageOf(error)}`,
        { cause: error },
      );
    }
  };
}
