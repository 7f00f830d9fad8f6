/** The xz format, by liblzma. @module */
import { LzmaStream, MEMORY_LIMIT, STREAM_END } from "./lzma_stream.ts";
import { FREE_MEMORY, type Output, type Stepper } from "./transcoder.ts";

const MEGABYTE = 1 << 20;
const CHECK_CRC64 = 4;
/** The first bytes of an xz stream. */
const MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);

/**
 * Level 1 of 9: about 17 MB/s in 9 MB of memory, where the usual level 6 makes 2 MB/s in
 * 94 MB, for images that are a seventh larger.
 */
const PRESET = 1;

/** Most bytes of memory for decoding: the library is built for 256 MB in all. */
const MOST_MEMORY = 250 * MEGABYTE;

/** Compresses into one xz stream. */
export class XzEncoder implements Stepper {
  readonly #lzma = new LzmaStream();

  constructor() {
    this.#lzma.start((library, stream) => library.lzma_easy_encoder(stream, PRESET, CHECK_CRC64));
  }

  *push(bytes: Uint8Array): Iterable<Output> {
    for (let at = 0; at < bytes.length;) {
      at += this.#lzma.feed(bytes.subarray(at));
      while (this.#lzma.untaken > 0) {
        this.#lzma.code();
        if (this.#lzma.full) yield this.#lzma.take();
      }
    }
  }

  *finish(): Iterable<Output> {
    while (this.#lzma.code(true) !== STREAM_END) yield this.#lzma.take();
    if (!this.#lzma.empty) yield this.#lzma.take();
  }
}

/**
 * Decompresses xz, and the older format .lzma, as official exporters do. Consecutive streams, also
 * with zeros between them, are decoded as one; other data after the last stream is counted and
 * ignored, but zeros are part of the format (stream padding). Takes memory for the largest
 * dictionary.
 */
export class XzDecoder implements Stepper {
  readonly #lzma = new LzmaStream();
  /** The position in the data: in a stream, after one, or after the last one. */
  #place: "stream" | "behind" | "garbage" = "stream";
  /** Bytes of the next stream's magic that were found. */
  #magic = 0;
  /** Bytes behind the present stream. */
  #behind = 0;
  #memory = FREE_MEMORY;

  constructor() {
    const memory = BigInt(this.#memory);
    this.#lzma.start((library, stream) => library.lzma_auto_decoder(stream, memory, 0));
  }

  *push(bytes: Uint8Array): Iterable<Output> {
    for (let at = 0; at < bytes.length;) {
      if (this.#place === "garbage") at += this.#ignore(bytes.length - at);
      else if (this.#place === "behind") at += yield* this.#passOver(bytes.subarray(at));
      else at += yield* this.#decode(bytes.subarray(at));
    }
  }

  *finish(): Iterable<Output> {
    if (this.#magic > 0) throw new Error("unexpected end of the data");
    while (this.#place === "stream") yield* this.#run(true);
    if (!this.#lzma.empty) yield this.#lzma.take();
    if (this.#place === "garbage") yield { trailing: this.#behind };
  }

  /** Returns `count`. */
  #ignore(count: number): number {
    this.#behind += count;
    return count;
  }

  /** Returns the number of bytes that belong to the stream. */
  *#decode(bytes: Uint8Array): Generator<Output, number> {
    const fed = this.#lzma.feed(bytes);
    while (this.#place === "stream" && (this.#lzma.untaken > 0 || this.#lzma.full)) {
      yield* this.#run(false);
    }
    return fed - this.#lzma.untaken;
  }

  *#run(finish: boolean): Iterable<Output> {
    if (this.#lzma.full) yield this.#lzma.take();
    const result = this.#lzma.code(finish);
    if (result === STREAM_END) this.#place = "behind";
    if (result === MEMORY_LIMIT) yield this.#claim();
  }

  #claim(): Output {
    const needs = this.#lzma.memoryNeeded();
    if (needs > MOST_MEMORY) {
      throw new Error(
        `data that need ${Math.round(needs / MEGABYTE)} MB of memory to decompress, more than ${
          MOST_MEMORY / MEGABYTE
        } MB; ` +
          "compress them with a smaller dictionary (xz -9 takes 65 MB): xz -dc IMAGE | xz -9 >NEW",
      );
    }
    this.#memory = needs;
    this.#lzma.allow(needs);
    return { needs };
  }

  /** Looks for the magic of another stream after zeros; returns the number of bytes consumed. */
  *#passOver(bytes: Uint8Array): Generator<Output, number> {
    for (const [index, byte] of bytes.entries()) {
      if (this.#magic === 0 && byte === 0) continue;
      if (byte !== MAGIC[this.#magic]) {
        this.#place = "garbage";
        this.#magic = 0;
        return this.#ignore(index);
      }
      if (++this.#magic === MAGIC.length) {
        yield* this.#next();
        return index + 1;
      }
    }
    return this.#ignore(bytes.length);
  }

  *#next(): Iterable<Output> {
    this.#magic = 0;
    this.#behind = 0;
    this.#place = "stream";
    const memory = BigInt(this.#memory);
    this.#lzma.start((library, stream) => library.lzma_stream_decoder(stream, memory, 0));
    yield* this.#decode(MAGIC);
  }
}
