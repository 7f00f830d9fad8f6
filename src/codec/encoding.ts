/** The compressions that clients may use for their bytes. @module */
import { InvalidArgument } from "../wire/error.ts";
import { offload } from "./offload.ts";
import { type Codec, decoder } from "./transcoder.ts";
import { gzip, zstd } from "./zlib.ts";

/** By the names that official clients use. */
const CODECS: Readonly<Record<string, Codec>> = {
  gzip,
  xz: { decode: decoder("xz", offload("xz decoder")), encode: offload("xz encoder") },
  bz2: { decode: decoder("bzip2", offload("bzip2 decoder")), encode: offload("bzip2 encoder") },
  zstd,
};

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
    `Cannot use content encoding '${encoding}': expected ${Object.keys(CODECS).join(", ")}`,
  );
}
