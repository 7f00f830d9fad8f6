/** Reading files of unknown size: devices and pipes may have no end. @module */

/**
 * Reads a file to its end.
 *
 * @param limit in bytes; memory is allocated as the file is read.
 * @returns undefined if the file is longer.
 * @throws {Error} as `Deno.open` and `read` do.
 */
export async function readAtMost(path: string, limit: number): Promise<Uint8Array | undefined> {
  using file = await Deno.open(path);
  let buffer = new Uint8Array(Math.min(limit + 1, 16 * 1024));
  for (let length = 0;;) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) return buffer.subarray(0, length);
    length += count;
    if (length > limit) return undefined;
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(limit + 1, 2 * length));
      larger.set(buffer);
      buffer = larger;
    }
  }
}
