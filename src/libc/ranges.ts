/**
 * Ranges of open files and block devices: where they end, holes, the page cache. All of it may
 * wait for a device, so it runs on Deno's thread pool.
 *
 * @module
 */
import { functions } from "./libc.ts";

const libc = functions({
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32", nonblocking: true },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64", nonblocking: true },
  posix_fadvise: {
    parameters: ["i32", "i64", "i64", "i32"],
    result: "i32",
    nonblocking: true,
  },
});

const SEEK_END = 2;
/** linux/falloc.h */
const FALLOC_FL_KEEP_SIZE = 1, FALLOC_FL_PUNCH_HOLE = 2;
const POSIX_FADV_DONTNEED = 4;

/** The size of a file or device in bytes; 0 for a device without a medium. */
export async function endOf(fd: number): Promise<number> {
  return Math.max(0, Number(await libc().lseek(fd, 0n, SEEK_END)));
}

/**
 * Makes a range read as zeros without writing it: a hole in a file, and on a device the command
 * that it has for that. The kernel refuses where the range is not certain to read as zeros.
 *
 * @returns whether it did.
 */
export async function punchHole(fd: number, position: number, length: number): Promise<boolean> {
  const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  return await libc().fallocate(fd, mode, BigInt(position), BigInt(length)) === 0;
}

/** Drops a range that was synced from the page cache, so that reads ask the medium. */
export async function dropCache(fd: number, position: number, length: number): Promise<void> {
  await libc().posix_fadvise(fd, BigInt(position), BigInt(length), POSIX_FADV_DONTNEED);
}
