/**
 * Descriptors of devices, terminals and their like, which Deno cannot open or not without
 * waiting. Reads and writes here never wait: their descriptors are non-blocking.
 *
 * @module
 */
import { constants } from "node:os";
import { check, cString, functions, lastErrno, SystemError } from "./libc.ts";

const libc = functions({
  access: { parameters: ["buffer", "i32"], result: "i32" },
  closeNow: { name: "close", parameters: ["i32"], result: "i32" },
  closeOnPool: { name: "close", parameters: ["i32"], result: "i32", nonblocking: true },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  openNow: { name: "open", parameters: ["buffer", "i32"], result: "i32" },
  openOnPool: { name: "open", parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
});

/** A failing `open` that took longer, in milliseconds, is not repeated to read its errno. */
const QUICK_FAILURE_MS = 500;

const LOCK_EX_NB = 2 | 4;
const R_OK = 4, W_OK = 2;

/**
 * Opens a device on Deno's thread pool. A failed call leaves its errno on the pool's thread, so
 * one that failed at once is repeated on this thread.
 *
 * @param flags of `OPEN` in files.ts
 * @returns a descriptor, the caller's to close.
 * @throws {SystemError} why it cannot be opened; EIO for a device that took its time to fail.
 */
export async function openDevice(path: string, flags: number): Promise<number> {
  const name = cString(path);
  const start = performance.now();
  const fd = await libc().openOnPool(name, flags);
  if (fd >= 0) return fd;
  if (performance.now() - start > QUICK_FAILURE_MS) throw new SystemError("open", "EIO");
  return openNow(path, flags);
}

/** Opens a path on this thread. @throws {SystemError} @see openDevice */
export function openNow(path: string, flags: number): number {
  return check(libc().openNow(cString(path), flags), "open");
}

/** Checks that this user may read and write a path, without opening it. @throws {SystemError} */
export function checkAccess(path: string): void {
  check(libc().access(cString(path), R_OK | W_OK), "access");
}

/** Closes a descriptor on the thread pool: the last one of a device waits for its output. */
export async function closeDevice(fd: number): Promise<void> {
  await libc().closeOnPool(fd);
}

/** Closes a descriptor on this thread. */
export function closeNow(fd: number): void {
  libc().closeNow(fd);
}

/**
 * Takes the advisory lock of an open file (flock(2)).
 *
 * @throws {SystemError} EAGAIN where another open file description has it.
 */
export function lock(fd: number): void {
  check(libc().flock(fd, LOCK_EX_NB), "flock");
}

/** What a read or write came to: a count of bytes, or a negative errno. */
export type Transferred = number;

/** Reads once, at most `bytes.length` bytes. */
export function tryRead(fd: number, bytes: Uint8Array<ArrayBuffer>): Transferred {
  return transfer("read", fd, bytes);
}

/** Writes once, and maybe not all of `bytes`. */
export function tryWrite(fd: number, bytes: Uint8Array<ArrayBuffer>): Transferred {
  return transfer("write", fd, bytes);
}

function transfer(
  call: "read" | "write",
  fd: number,
  bytes: Uint8Array<ArrayBuffer>,
): Transferred {
  for (;;) {
    const result = Number(libc()[call](fd, bytes, BigInt(bytes.length)));
    if (result >= 0) return result;
    const errno = lastErrno();
    if (errno !== constants.errno.EINTR) return -errno;
  }
}
