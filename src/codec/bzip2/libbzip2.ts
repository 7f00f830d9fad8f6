/** The compressor of libbzip2 as WebAssembly. @module */
import { libbzip2 } from "../modules.js";

interface Exports {
  readonly memory: WebAssembly.Memory;
  __wasm_call_ctors(): void;
  malloc(size: number): number;
  BZ2_bzBuffToBuffCompress(
    destination: number,
    destinationLength: number,
    source: number,
    sourceLength: number,
    level: number,
    verbosity: number,
    workFactor: number,
  ): number;
}

/** 0 selects the default of libbzip2. */
const WORK_FACTOR = 0;
const QUIET = 0;
const PAGE = 65_536;

/** Compresses buffers, each into a stream of its own. */
export class Libbzip2 {
  readonly #exports = instantiate();
  readonly #level: number;
  readonly #room: number;
  readonly #source: number;
  readonly #destination: number;
  readonly #length: number;

  /** @param size the largest buffer in bytes */
  constructor(level: number, size: number) {
    this.#level = level;
    // By the manual of bzlib.h: one percent more than the source, and 600 bytes.
    this.#room = Math.ceil(size * 1.01) + 600;
    this.#source = this.#exports.malloc(size);
    this.#destination = this.#exports.malloc(this.#room);
    this.#length = this.#exports.malloc(4);
  }

  /** Compresses `bytes`; the result is valid until the next call. */
  compress(bytes: Uint8Array): Uint8Array {
    const { memory } = this.#exports;
    new Uint8Array(memory.buffer).set(bytes, this.#source);
    new DataView(memory.buffer).setUint32(this.#length, this.#room, true);
    const result = this.#exports.BZ2_bzBuffToBuffCompress(
      this.#destination,
      this.#length,
      this.#source,
      bytes.length,
      this.#level,
      QUIET,
      WORK_FACTOR,
    );
    if (result !== 0) throw new Error(`libbzip2 gave ${result}`);
    const length = new DataView(memory.buffer).getUint32(this.#length, true);
    return new Uint8Array(memory.buffer, this.#destination, length);
  }
}

/** Provides the imports of the module: memory, and standard streams that it does not use. */
function instantiate(): Exports {
  const unused = () => {
    throw new Error("libbzip2 asked for what it is not given");
  };
  const instance = new WebAssembly.Instance(libbzip2, {
    env: {
      exit: unused,
      emscripten_memcpy_big(to: number, from: number, count: number) {
        new Uint8Array(exports.memory.buffer).copyWithin(to, from, from + count);
      },
      emscripten_resize_heap(size: number) {
        const { memory } = exports;
        memory.grow(Math.ceil((size - memory.buffer.byteLength) / PAGE));
        return 1;
      },
    },
    wasi_snapshot_preview1: { fd_close: unused, fd_write: unused, fd_seek: unused },
  });
  const exports = instance.exports as unknown as Exports;
  exports.__wasm_call_ctors();
  return exports;
}
