/**
 * What Deno has no word for: claims, holes, the page cache. All that may wait runs on
 * Deno's thread pool. Data itself goes through Deno.FsFile, which tells errors by name and
 * works on the pool; a positioned write of node:fs holds up the whole event loop.
 *
 * `open` is variadic in C. On x86_64 and aarch64 Linux integer and pointer arguments of
 * variadic functions travel as those of any other. The numbers are the same on both.
 *
 * @module
 */
import { getSystemErrorMap } from "node:util";

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  close: { parameters: ["i32"], result: "i32", nonblocking: true },
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32", nonblocking: true },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64", nonblocking: true },
  open: { parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
  openNow: { name: "open", parameters: ["buffer", "i32"], result: "i32" },
  posix_fadvise: {
    parameters: ["i32", "i64", "i64", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Flags of open(2). */
export const O = { RDONLY: 0, WRONLY: 0o1, EXCL: 0o200, CLOEXEC: 0o2000000 } as const;

const LOCK_EX_NB = 2 | 4;
const SEEK_END = 2;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const POSIX_FADV_DONTNEED = 4;

/** A call that took longer to fail, in milliseconds, is not made again for its errno. */
const QUICK_FAILURE_MS = 500;

let symbols: Libc | undefined;

/** The functions, loaded on first use and kept. */
export function libc(): Libc {
  return symbols ??= Deno.dlopen("libc.so.6", SYMBOLS).symbols;
}

/**
 * Opens a path that can be opened, as was tried. With EXCL a block device is claimed:
 * nobody can mount it or a partition of it, use it as swap or claim it in turn while it is
 * open, and the kernel refuses where somebody does already, in any mount namespace.
 *
 * @returns a descriptor, the caller's to close.
 * @throws {Error} with the errno as `code`: EBUSY.
 */
export async function openDescriptor(path: string, flags: number): Promise<number> {
  const name = new TextEncoder().encode(`${path}\0`);
  const start = performance.now();
  const fd = await libc().open(name, flags | O.CLOEXEC);
  if (fd >= 0) return fd;
  // The errno has stayed on the pool's thread; asked again, a refusal comes at once.
  const quick = performance.now() - start <= QUICK_FAILURE_MS;
  const again = quick ? libc().openNow(name, flags | O.CLOEXEC) : -1;
  if (again >= 0) return again;
  const code = quick ? lastErrno() : "EIO";
  throw Object.assign(new Error(`open: ${code}`), { code });
}

/** The errno of the last failed call on this thread, as a word. */
function lastErrno(): string {
  const errno = new Deno.UnsafePointerView(libc().__errno_location()!).getInt32();
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** Closes a descriptor of {@link openDescriptor}. */
export async function closeDescriptor(fd: number): Promise<void> {
  await libc().close(fd);
}

/** Takes the advisory lock of an open file, which udev heeds as well; false where another has it. */
export function lock(fd: number): boolean {
  return libc().flock(fd, LOCK_EX_NB) === 0;
}

/** Where the file or device ends, in bytes; 0 for a device without a medium. */
export async function endOf(fd: number): Promise<number> {
  return Math.max(0, Number(await libc().lseek(fd, 0n, SEEK_END)));
}

/**
 * Makes a range read as zeros without writing it: a hole in a file, and on a device what
 * it can do by itself. The kernel refuses where that is not certain to read back as zeros.
 *
 * @returns whether it did.
 */
export async function punchHole(fd: number, position: number, length: number): Promise<boolean> {
  const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  return await libc().fallocate(fd, mode, BigInt(position), BigInt(length)) === 0;
}

/** Drops what the page cache holds of a range that was synced, so that reads ask the medium. */
export async function dropCache(fd: number, position: number, length: number): Promise<void> {
  await libc().posix_fadvise(fd, BigInt(position), BigInt(length), POSIX_FADV_DONTNEED);
}
