/** The xz format by liblzma, as WebAssembly. @module */
import { createLiblzma, type Liblzma } from "./liblzma.ts";
import type { Stepper } from "./transcoder.ts";

const NO_LIMIT = 0xffff_ffff_ffff_ffffn;
/** LZMA_CONCATENATED: further streams, and padding between them, belong to the data. */
const CONCATENATED = 8;
const CHECK_CRC64 = 4;
const RUN = 0;
const FINISH = 3;
const OK = 0;
const STREAM_END = 1;

/** Of lzma_ret in lzma/base.h. */
const PROBLEMS: Readonly<Record<number, string>> = {
  5: "not enough memory",
  6: "it needs more memory than is given to it",
  7: "no xz header",
  8: "options that liblzma does not know",
  9: "corrupt data",
  10: "unexpected end of the data",
};

/**
 * Level 1 of 9: about 17 MB/s in 9 MB of memory, where the usual level 6 makes 2 MB/s in
 * 94 MB, for images that are a seventh larger.
 */
const PRESET = 1;

const CHUNK = 256 * 1024;

/** Offsets in lzma_stream of lzma/base.h, with pointers of 32 bits. */
const STREAM = { size: 136, nextIn: 0, availIn: 4, nextOut: 16, availOut: 20 };

/** Decompresses xz; an instance has memory of its own, up to 64 MB for the largest dictionaries. */
export function xzDecoder(): Stepper {
  return Xz.create((liblzma, stream) =>
    liblzma.lzma_stream_decoder(stream, NO_LIMIT, CONCATENATED)
  );
}

/** Compresses into one xz stream. */
export function xzEncoder(): Stepper {
  return Xz.create((liblzma, stream) => liblzma.lzma_easy_encoder(stream, PRESET, CHECK_CRC64));
}

class Xz implements Stepper {
  readonly #library: Liblzma;
  readonly #stream: number;
  readonly #input: number;
  readonly #output: number;

  static create(start: (liblzma: Liblzma, stream: number) => number): Xz {
    const liblzma = createLiblzma();
    const stream = liblzma.malloc(STREAM.size);
    new Uint8Array(liblzma.memory.buffer, stream, STREAM.size).fill(0);
    check(start(liblzma, stream));
    return new Xz(liblzma, stream);
  }

  private constructor(liblzma: Liblzma, stream: number) {
    this.#library = liblzma;
    this.#stream = stream;
    this.#input = liblzma.malloc(CHUNK);
    this.#output = liblzma.malloc(CHUNK);
  }

  *push(bytes: Uint8Array): Iterable<Uint8Array<ArrayBuffer>> {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK);
      new Uint8Array(this.#library.memory.buffer).set(chunk, this.#input);
      this.#set({ nextIn: this.#input, availIn: chunk.length });
      yield* this.#run(RUN);
    }
  }

  *finish(): Iterable<Uint8Array<ArrayBuffer>> {
    yield* this.#run(FINISH);
  }

  /** Runs until it wants more input, or is through. */
  *#run(action: number): Iterable<Uint8Array<ArrayBuffer>> {
    for (;;) {
      this.#set({ nextOut: this.#output, availOut: CHUNK });
      const result = this.#library.lzma_code(this.#stream, action);
      const length = CHUNK - this.#get("availOut");
      if (length > 0) yield this.#taken(length);
      if (result === STREAM_END) return;
      if (action === RUN && length < CHUNK && this.#get("availIn") === 0) return;
      check(result);
    }
  }

  /** A copy of what it has put out. */
  #taken(length: number): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#library.memory;
    return new Uint8Array(buffer as ArrayBuffer, this.#output, length).slice();
  }

  #set(fields: Partial<Record<Exclude<keyof typeof STREAM, "size">, number>>): void {
    for (const [name, value] of Object.entries(fields)) {
      this.#view().setUint32(this.#stream + STREAM[name as keyof typeof STREAM], value, true);
    }
  }

  #get(field: keyof typeof STREAM): number {
    return this.#view().getUint32(this.#stream + STREAM[field], true);
  }

  /** Anew each time: memory that grows leaves its old views behind. */
  #view(): DataView {
    return new DataView(this.#library.memory.buffer);
  }
}

function check(result: number): void {
  if (result !== OK) throw new Error(PROBLEMS[result] ?? `liblzma gave ${result}`);
}
