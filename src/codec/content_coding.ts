/** The codings of HTTP's header Content-Encoding (RFC 9110 §8.4.1). @module */
import { codecFor } from "./encoding.ts";
import type { Transcoder } from "./transcoder.ts";
import { inflateHttp, unbrotli } from "./zlib.ts";

const plain: Transcoder = (bytes) => bytes;

/** By their registered names; `x-gzip` is an alias. */
const CODINGS: ReadonlyMap<string, Transcoder> = new Map([
  ["gzip", codecFor("gzip").decode],
  ["x-gzip", codecFor("gzip").decode],
  ["deflate", inflateHttp],
  ["br", unbrotli],
  ["zstd", codecFor("zstd").decode],
  ["identity", plain],
  // Left in the metadata of S3 objects by the programs that uploaded them; their content is plain.
  ["aws-chunked", plain],
]);

/** Most codings of one response; each takes memory. */
const MOST = 4;

/** A header whose codings are not all known. */
export class UnknownCoding extends Error {}

/**
 * The decoder for the header's value: the coding that was applied last is undone first.
 *
 * @returns undefined if the content is not coded.
 * @throws {UnknownCoding}
 */
export function contentDecoder(header: string): Transcoder | undefined {
  const names = header.split(",").map((name) => name.trim().toLowerCase()).filter(Boolean);
  const decoders = names.map((name) => CODINGS.get(name));
  if (names.length > MOST || decoders.some((decode) => !decode)) {
    const known = [...CODINGS.keys()].filter((name) => name !== "x-gzip" && name !== "aws-chunked");
    throw new UnknownCoding(
      `expected content in the codings ${known.join(", ")}, found '${header}'; let the server ` +
        "send the file as it is",
    );
  }
  const applied = decoders.filter((decode) => decode !== plain) as Transcoder[];
  if (applied.length === 0) return undefined;
  return (bytes, onTrailing) =>
    applied.reduceRight((content, decode) => decode(content, onTrailing), bytes);
}
