/**
 * How libc keeps memory that was freed. By itself it learns from the first large buffer that
 * goes to keep such buffers for later, for each of many threads: after a few images, tens of
 * megabytes that no one uses.
 *
 * @module
 */

/** Of malloc.h. */
const M_MMAP_THRESHOLD = -3, M_ARENA_MAX = -8;

/** In bytes: every chunk of an image is at least as large, and little else is. */
const LARGE = 64 * 1024;
/** For the main thread and whatever codecs and disks have in theirs. */
const ARENAS = 2;

/**
 * From now on a buffer of an image goes back to the system when it is freed, and threads
 * share what is kept of smaller ones. Call it before the program has much to do.
 */
export function giveBackFreedMemory(): void {
  const libc = Deno.dlopen("libc.so.6", {
    mallopt: { parameters: ["i32", "i32"], result: "i32" },
  });
  // That they fail is no reason to stop: they save memory, and nothing depends on them.
  libc.symbols.mallopt(M_MMAP_THRESHOLD, LARGE);
  libc.symbols.mallopt(M_ARENA_MAX, ARENAS);
  libc.close();
}
