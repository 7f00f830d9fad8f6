/**
 * liblzma, as WebAssembly: the module that npm's node-liblzma brings along is XZ Utils'
 * library (0BSD) and nothing else, so that nothing of its wrapping (LGPL) is needed.
 *
 * @module
 */
import { liblzma as module } from "./modules.js";

/** What is used of lzma.h; pointers are numbers. */
export interface Liblzma {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  lzma_stream_decoder(stream: number, memoryLimit: bigint, flags: number): number;
  lzma_easy_encoder(stream: number, preset: number, check: number): number;
  lzma_code(stream: number, action: number): number;
}

/** How its build calls them; the version is pinned. */
interface Exports {
  readonly b: WebAssembly.Memory;
  readonly c: () => void;
  readonly f: Liblzma["lzma_code"];
  readonly m: Liblzma["lzma_easy_encoder"];
  readonly r: Liblzma["lzma_stream_decoder"];
  readonly s: Liblzma["malloc"];
}

const PAGE = 65_536;
/** What its build declares as the largest memory: 256 MB. */
const LARGEST = 268_435_456;

/** An instance with memory of its own. */
export function createLiblzma(): Liblzma {
  const instance = new WebAssembly.Instance(module, { a: { a: growTo } });
  const { b: memory, c: construct, f, m, r, s } = instance.exports as unknown as Exports;
  construct();
  return { memory, lzma_code: f, lzma_easy_encoder: m, lzma_stream_decoder: r, malloc: s };

  /** Emscripten's `emscripten_resize_heap`: a fifth more than it has where that is allowed. */
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
        // malloc() tells by its result that there is none.
      }
    }
    return 0;
  }
}
