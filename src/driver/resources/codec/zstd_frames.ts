/**
 * Where the frames of zstd data end (RFC 8878 §3.1): the runtime's decoder stops silently
 * after the first, and takes a frame without its end for a whole one.
 *
 * @module
 */
import type { Transcoder } from "./transcoder.ts";

const MAGIC = 0xfd2fb528;
/** The last digit is free. */
const SKIPPABLE = 0x184d2a5;
/** Bytes of the fields that the frame header's flags announce. */
const DICTIONARY_ID = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];
const RLE_BLOCK = 1;

/** Decodes frame after frame with `decode`. */
export async function* eachFrame(
  bytes: AsyncIterable<Uint8Array>,
  decode: Transcoder,
): AsyncGenerator<Uint8Array> {
  const input = new Input(bytes);
  try {
    do yield* decode(frame(input)); while (await input.hasMore());
  } finally {
    await input.close();
  }
}

/** The bytes of the next frame. */
async function* frame(input: Input): AsyncGenerator<Uint8Array> {
  const end = new FrameEnd();
  while (!end.reached) {
    const chunk = await input.next();
    if (!chunk) throw new Error("unexpected end of the data");
    const length = end.advance(chunk);
    input.giveBack(chunk.subarray(length));
    yield chunk.subarray(0, length);
  }
}

/** What comes next in a frame: so many bytes to look at, or to pass over. */
type Part = { readonly look: number } | { readonly pass: number };

function* partsOfFrame(): Generator<Part, void, Uint8Array> {
  const magic = littleEndian(yield { look: 4 });
  if (Math.floor(magic / 16) === SKIPPABLE) {
    yield { pass: littleEndian(yield { look: 4 }) };
    return;
  }
  if (magic !== MAGIC) throw new Error("unknown frame");
  const flags = littleEndian(yield { look: 1 });
  const singleSegment = (flags & 0x20) !== 0;
  const contentSize = flags >> 6 === 0 && singleSegment ? 1 : CONTENT_SIZE[flags >> 6]!;
  yield { pass: (singleSegment ? 0 : 1) + DICTIONARY_ID[flags & 3]! + contentSize };
  for (let last = false; !last;) {
    const header = littleEndian(yield { look: 3 });
    last = (header & 1) !== 0;
    yield { pass: ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3 };
  }
  const checksum = (flags & 4) !== 0;
  yield { pass: checksum ? 4 : 0 };
}

/** Follows a frame through chunks that are cut anywhere. */
class FrameEnd {
  readonly #parts = partsOfFrame();
  #part = this.#parts.next().value as Part;
  #missing = sizeOf(this.#part);
  #seen: number[] = [];
  reached = false;

  /** How many bytes of `chunk` belong to the frame. */
  advance(chunk: Uint8Array): number {
    let at = 0;
    while (!this.reached && at < chunk.length) {
      const length = Math.min(this.#missing, chunk.length - at);
      if ("look" in this.#part) this.#seen.push(...chunk.subarray(at, at + length));
      at += length;
      this.#missing -= length;
      while (!this.reached && this.#missing === 0) this.#nextPart();
    }
    return at;
  }

  #nextPart(): void {
    const { done, value } = this.#parts.next(Uint8Array.from(this.#seen));
    this.#seen = [];
    this.reached = done ?? false;
    if (value) {
      this.#part = value;
      this.#missing = sizeOf(value);
    }
  }
}

function sizeOf(part: Part): number {
  return "look" in part ? part.look : part.pass;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

/** Chunks of which a part can be given back. */
class Input {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #rest: Uint8Array | undefined;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  async next(): Promise<Uint8Array | undefined> {
    if (!await this.hasMore()) return undefined;
    const chunk = this.#rest;
    this.#rest = undefined;
    return chunk;
  }

  async hasMore(): Promise<boolean> {
    while (!this.#rest?.length) {
      const { done, value } = await this.#bytes.next();
      if (done) return false;
      this.#rest = value;
    }
    return true;
  }

  giveBack(rest: Uint8Array): void {
    if (rest.length > 0) this.#rest = rest;
  }

  async close(): Promise<void> {
    await this.#bytes.return?.();
  }
}
