/** A coder of liblzma with its input and output buffers. @module */
import { createLiblzma, type Liblzma } from "./liblzma.ts";

/** Of lzma_ret in lzma/base.h. */
const OK = 0;
export const STREAM_END = 1;
export const MEMORY_LIMIT = 6;

const PROBLEMS: Readonly<Record<number, string>> = {
  5: "not enough memory",
  7: "no xz header",
  8: "options that liblzma does not know",
  9: "corrupt data",
  10: "unexpected end of the data",
};

const RUN = 0;
const FINISH = 3;
const CHUNK = 256 * 1024;

/** Offsets in lzma_stream of lzma/base.h, with pointers of 32 bits. */
const STREAM = { size: 136, nextIn: 0, availIn: 4, nextOut: 16, availOut: 20 };

/** A coder; it reuses its memory when it is started again. */
export class LzmaStream {
  readonly #library = createLiblzma();
  readonly #stream: number;
  readonly #input: number;
  readonly #output: number;

  constructor() {
    const { memory, malloc } = this.#library;
    this.#stream = malloc(STREAM.size);
    new Uint8Array(memory.buffer, this.#stream, STREAM.size).fill(0);
    this.#input = malloc(CHUNK);
    this.#output = malloc(CHUNK);
    this.#set({ nextOut: this.#output, availOut: CHUNK });
  }

  /** Initializes the coder by `begin`, a call of the library. */
  start(begin: (library: Liblzma, stream: number) => number): void {
    check(begin(this.#library, this.#stream));
    this.#set({ availIn: 0 });
  }

  /** Bytes of the input that were not consumed. */
  get untaken(): number {
    return this.#get("availIn");
  }

  /** Copies as many of `bytes` as fit into the input buffer; returns their number. */
  feed(bytes: Uint8Array): number {
    const chunk = bytes.subarray(0, CHUNK);
    new Uint8Array(this.#library.memory.buffer).set(chunk, this.#input);
    this.#set({ nextIn: this.#input, availIn: chunk.length });
    return chunk.length;
  }

  /** Codes until the input, the room for output or the data end. @param finish no input follows */
  code(finish = false): number {
    const result = this.#library.lzma_code(this.#stream, finish ? FINISH : RUN);
    if (result !== STREAM_END && result !== MEMORY_LIMIT) check(result);
    return result;
  }

  /** Whether the output buffer is full. */
  get full(): boolean {
    return this.#get("availOut") === 0;
  }

  /** Whether the output buffer is empty. */
  get empty(): boolean {
    return this.#get("availOut") === CHUNK;
  }

  /** Takes the output, and empties the buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const length = CHUNK - this.#get("availOut");
    this.#set({ nextOut: this.#output, availOut: CHUNK });
    const { buffer } = this.#library.memory;
    return new Uint8Array(buffer as ArrayBuffer, this.#output, length).slice();
  }

  /** Bytes of memory that the present data need. */
  memoryNeeded(): number {
    return Number(this.#library.lzma_memusage(this.#stream));
  }

  /** Raises the memory limit. */
  allow(bytes: number): void {
    check(this.#library.lzma_memlimit_set(this.#stream, BigInt(bytes)));
  }

  #set(fields: Partial<Record<Exclude<keyof typeof STREAM, "size">, number>>): void {
    for (const [name, value] of Object.entries(fields)) {
      this.#view().setUint32(this.#stream + STREAM[name as keyof typeof STREAM], value, true);
    }
  }

  #get(field: keyof typeof STREAM): number {
    return this.#view().getUint32(this.#stream + STREAM[field], true);
  }

  /** Created for each access: views are detached when the memory grows. */
  #view(): DataView {
    return new DataView(this.#library.memory.buffer);
  }
}

function check(result: number): void {
  if (result !== OK) throw new Error(PROBLEMS[result] ?? `liblzma gave ${result}`);
}
