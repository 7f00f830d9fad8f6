/** Decoders of node:zlib that tell where their data end. @module */
import type { Transform } from "node:stream";
import {
  type BrotliOptions,
  crc32,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  type ZlibOptions,
  type ZlibReset,
} from "node:zlib";
import type { Input } from "./input.ts";
import type { YieldPoint } from "./scheduler.ts";

/** Bytes of input in one step. */
const STEP = 64 * 1024;

/** The kinds of data: a deflate stream (RFC 1951), one in the zlib format (RFC 1950), Brotli (RFC 7932). */
const CREATE = {
  deflate: (options: ZlibOptions) => createInflateRaw(options),
  zlib: (options: ZlibOptions) => createInflate(options),
  brotli: (options: BrotliOptions) => createBrotliDecompress(options),
} as const;

/** @see CREATE */
export type InflaterKind = keyof typeof CREATE;

type Decoder = Transform & ZlibReset & { readonly bytesWritten: number };

/**
 * Decodes one stream of data after the other. A decoder of node:zlib ends its output when it finds
 * bytes behind its data; here the output goes on, and the bytes remain in the input.
 */
export class Inflater {
  /** The decoder, which {@link feed} is piped into. */
  readonly transform: Decoder;
  /** The number of decoded bytes of the present stream. */
  length = 0;
  /** Their CRC-32. */
  crc = 0;
  #ended = false;
  #finishing = false;

  /** @param chunkSize bytes of an output chunk */
  constructor(kind: InflaterKind, chunkSize: number) {
    // With this mark it takes the next bytes only when it has decoded all before.
    const options = { chunkSize, writableHighWaterMark: 1 };
    this.transform = CREATE[kind](options) as unknown as Decoder;
    const push = this.transform.push.bind(this.transform);
    this.transform.push = (chunk: Uint8Array | null) => {
      if (chunk === null) {
        this.#ended = true;
        return this.#finishing && push(null);
      }
      this.length += chunk.length;
      this.crc = crc32(chunk, this.crc);
      return push(chunk);
    };
  }

  /**
   * Yields the bytes of a stream to the decoder, and passes over them. The pipe must ask for more
   * bytes only when the decoder has decoded those before. Returns where the stream or the input
   * ends.
   */
  async *feed(input: Input, step: YieldPoint): AsyncGenerator<Uint8Array> {
    while (!this.#ended) {
      const before = this.transform.bytesWritten;
      const bytes = await input.some(STEP);
      if (bytes.length === 0) return;
      await step();
      yield bytes;
      input.pass(this.transform.bytesWritten - before);
      input.take();
    }
  }

  /**
   * Yields a byte behind a stream that has no frame around it: node:zlib does not tell otherwise
   * whether all of it was there.
   *
   * @throws {Error} if the stream is cut short.
   */
  async *expectEnd(): AsyncGenerator<Uint8Array> {
    if (!this.#ended) yield Uint8Array.of(0);
    if (!this.#ended) throw new Error("unexpected end of the data");
  }

  /** Makes the decoder ready for another stream. */
  reset(): void {
    this.transform.reset();
    this.#ended = false;
    this.length = 0;
    this.crc = 0;
  }

  /** Lets the output end with the input. */
  finish(): void {
    this.#finishing = true;
  }
}
