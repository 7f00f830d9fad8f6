/**
 * The C library, as far as a terminal needs it. Nothing is loaded before the first
 * call. Calls on the main thread never block: descriptors are non-blocking, and what
 * may wait (open, close, epoll_wait, tcdrain) runs on Deno's thread pool.
 *
 * `open` and `ioctl` are variadic in C. On x86_64 and aarch64 Linux integer and
 * pointer arguments of variadic functions travel as those of any other.
 *
 * @module
 */
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32", nonblocking: true },
  closeNow: { name: "close", parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: {
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  ioctlInt: { name: "ioctl", parameters: ["i32", "usize", "isize"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
  openNow: { name: "open", parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  tcdrain: { parameters: ["i32"], result: "i32", nonblocking: true },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let symbols: Libc | undefined;
let errnoView: Deno.UnsafePointerView | undefined;

/** The functions, loaded on first use and kept. */
export function libc(): Libc {
  return symbols ??= Deno.dlopen("libc.so.6", SYMBOLS).symbols;
}

/** A call that the C library refused. */
export class LibcError extends Error {
  override name = "LibcError";
  /** The symbolic errno: `EIO`. */
  readonly code: string;

  constructor(readonly errno: number, readonly syscall: string) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, "unknown error"];
    super(`${syscall}: ${text} (${code})`);
    this.code = code;
  }
}

/** The errno of the last failed call on this thread; of no use after a call on the pool. */
export function lastErrno(): number {
  errnoView ??= new Deno.UnsafePointerView(libc().__errno_location()!);
  return errnoView.getInt32();
}

/**
 * Passes a result on unless it is negative.
 *
 * @throws {LibcError} with the errno of this thread.
 */
export function check(result: number | bigint, syscall: string): number {
  if (result < 0) throw new LibcError(lastErrno(), syscall);
  return Number(result);
}

/** Whether `error` is the failure `code`, as in `EAGAIN`. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof LibcError && codes.includes(error.code);
}

/** A string as C wants it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** The number of an errno by its name. */
export const errno = constants.errno;

/** How long a failing `open` may take before it is not asked again for its errno, in ms. */
const QUICK_FAILURE_MS = 500;

/**
 * Opens a file on the thread pool. The errno of a failure stays on the pool's thread,
 * so a call that failed at once is repeated here to learn why.
 *
 * @returns a descriptor, which is the caller's to close.
 * @throws {LibcError} why it cannot be opened; EIO for a device that took its time to fail.
 */
export async function openFile(path: string, flags: number): Promise<number> {
  const name = cString(path);
  const start = performance.now();
  const fd = await libc().open(name, flags);
  if (fd >= 0) return fd;
  if (performance.now() - start > QUICK_FAILURE_MS) throw new LibcError(errno.EIO, "open");
  return check(libc().openNow(name, flags), "open");
}

// The numbers below are the same on x86_64 and aarch64 (asm-generic); other
// architectures have other ones.

/** Flags of open(2). */
export const O = {
  RDWR: 0o2,
  NOCTTY: 0o400,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
} as const;

/** Requests of ioctl(2) on terminals. */
export const IOCTL = {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TCFLSH: 0x540b,
  TIOCEXCL: 0x540c,
  TIOCNXCL: 0x540d,
  TIOCOUTQ: 0x5411,
  TIOCMGET: 0x5415,
  TIOCMBIS: 0x5416,
  TIOCMBIC: 0x5417,
  TIOCSBRK: 0x5427,
  TIOCCBRK: 0x5428,
  TIOCGEXCL: 0x80045440,
  TCGETS2: 0x802c542a,
  TCSETS2: 0x402c542b,
} as const;

/** Arguments of TCFLSH. */
export const FLUSH = { INPUT: 0, BOTH: 2 } as const;

/** Bits of the modem lines. */
export const MODEM = { DTR: 0x002, RTS: 0x004, CTS: 0x020, CD: 0x040, DSR: 0x100 } as const;

/** Operations of flock(2): exclusive, without waiting. */
export const LOCK_EX_NB = 2 | 4;
/** Readable and writable, for access(2). */
export const ACCESS_RW = 4 | 2;

/** An ioctl without argument or with a number. @throws {LibcError} */
export function ioctl(fd: number, request: keyof typeof IOCTL, argument = 0): void {
  check(libc().ioctlInt(fd, BigInt(IOCTL[request]), BigInt(argument)), `ioctl ${request}`);
}

/** An ioctl that fills or reads a struct. @throws {LibcError} */
export function ioctlStruct(
  fd: number,
  request: keyof typeof IOCTL,
  struct: Uint8Array<ArrayBuffer>,
): void {
  check(libc().ioctl(fd, BigInt(IOCTL[request]), struct), `ioctl ${request}`);
}

/** An ioctl that answers with one int. @throws {LibcError} */
export function ioctlGet(fd: number, request: keyof typeof IOCTL): number {
  const answer = new Int32Array(1);
  ioctlStruct(fd, request, new Uint8Array(answer.buffer));
  return answer[0]!;
}

/** An ioctl that takes the address of one int. @throws {LibcError} */
export function ioctlSet(fd: number, request: keyof typeof IOCTL, value: number): void {
  ioctlStruct(fd, request, new Uint8Array(Int32Array.of(value).buffer));
}
