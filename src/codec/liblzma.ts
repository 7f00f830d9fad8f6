/**
 * liblzma as WebAssembly: the module of npm's node-liblzma is XZ Utils' library (0BSD) and nothing
 * else. The JavaScript around it (LGPL) is not used.
 *
 * @module
 */
import { liblzma as module } from "./modules.js";

/** The used part of lzma.h; pointers are numbers. */
export interface Liblzma {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  lzma_auto_decoder(stream: number, memoryLimit: bigint, flags: number): number;
  lzma_stream_decoder(stream: number, memoryLimit: bigint, flags: number): number;
  lzma_easy_encoder(stream: number, preset: number, check: number): number;
  lzma_code(stream: number, action: number): number;
  lzma_memusage(stream: number): bigint;
  lzma_memlimit_set(stream: number, memoryLimit: bigint): number;
}

/** The minified names of the module's exports; its version is pinned. */
interface Exports {
  readonly b: WebAssembly.Memory;
  readonly c: () => void;
  readonly f: Liblzma["lzma_code"];
  readonly h: Liblzma["lzma_memusage"];
  readonly i: Liblzma["lzma_memlimit_set"];
  readonly m: Liblzma["lzma_easy_encoder"];
  readonly o: Liblzma["lzma_auto_decoder"];
  readonly r: Liblzma["lzma_stream_decoder"];
  readonly s: Liblzma["malloc"];
}

const PAGE = 65_536;
/** The largest memory that the module declares: 256 MB. */
const LARGEST = 268_435_456;

/** Creates an instance with memory of its own. */
export function createLiblzma(): Liblzma {
  const instance = new WebAssembly.Instance(module, { a: { a: growTo } });
  const exports = instance.exports as unknown as Exports;
  const memory = exports.b;
  exports.c();
  return {
    memory,
    malloc: exports.s,
    lzma_auto_decoder: exports.o,
    lzma_stream_decoder: exports.r,
    lzma_easy_encoder: exports.m,
    lzma_code: exports.f,
    lzma_memusage: exports.h,
    lzma_memlimit_set: exports.i,
  };

  /** Emscripten's `emscripten_resize_heap`: grows by a fifth at least, if that is possible. */
  function growTo(size: number): number {
    const wanted = size >>> 0;
    if (wanted > LARGEST) return 0;
    const present = memory.buffer.byteLength;
    const roomy = Math.min(LARGEST, Math.max(wanted, Math.ceil(present * 1.2)));
    for (const bytes of [roomy, wanted]) {
      try {
        memory.grow(Math.ceil((bytes - present) / PAGE));
        return 1;
      } catch {
        // malloc() then returns a null pointer.
      }
    }
    return 0;
  }
}
