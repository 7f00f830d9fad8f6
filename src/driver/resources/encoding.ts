/** The compressions that clients may have their bytes in. @module */
import { InvalidArgument } from "../../wire/error.ts";

/** Takes bytes in and gives them out, compressed or not, at the reader's pace. */
export type Transcoder = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** One compression, both ways. */
export interface Codec {
  readonly decode: Transcoder;
  readonly encode: Transcoder;
}

const CODECS: Readonly<Record<string, Codec>> = {};

const PLAIN: Codec = { decode: (bytes) => bytes, encode: (bytes) => bytes };

/** Whether `codecFor` knows `encoding`. */
export function isKnownEncoding(encoding: string): boolean {
  return Object.hasOwn(CODECS, encoding);
}

/** @throws {InvalidArgument} for an encoding that is not known. */
export function codecFor(encoding: string | null): Codec {
  if (encoding === null) return PLAIN;
  if (isKnownEncoding(encoding)) return CODECS[encoding]!;
  throw new InvalidArgument(
    `Cannot use content encoding '${encoding}': expected ` +
      `${Object.keys(CODECS).join(", ") || "none"}`,
  );
}
