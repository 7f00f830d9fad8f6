/**
 * Files by descriptors: a descriptor stays with the file that was looked at, where a path may
 * lead to another one a moment later.
 *
 * Deno opens files by path only. `/proc/self/fd/N` is a path to what descriptor N is open on,
 * whatever has become of its name, so that all of Deno's functions work with descriptors.
 *
 * @module
 */
import { check, cString, functions, SystemError } from "./libc.ts";

const ARM = Deno.build.arch === "aarch64";

/** Flags of open(2): asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h for two. */
export const OPEN = {
  RDONLY: 0,
  WRONLY: 0o1,
  RDWR: 0o2,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  NONBLOCK: 0o4000,
  DIRECTORY: ARM ? 0o40000 : 0o200000,
  NOFOLLOW: ARM ? 0o100000 : 0o400000,
  CLOEXEC: 0o2000000,
  /** Only the place: neither readable nor writable, and no driver of a device hears of it. */
  PATH: 0o10000000,
} as const;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
/** A server is not asked again about what was opened a moment ago. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_BASIC_STATS = 0x7ff;

const libc = functions({
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  openatOnPool: {
    name: "openat",
    parameters: ["i32", "buffer", "i32", "u32"],
    result: "i32",
    nonblocking: true,
  },
  openat2OnPool: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "buffer", "usize"],
    result: "i64",
    nonblocking: true,
  },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** What a file is, and whose. */
export interface FileInfo {
  readonly type: "file" | "directory" | "link" | "fifo" | "socket" | "device";
  readonly uid: number;
  readonly gid: number;
  /** Permissions with the sticky bit and its like, without the type. */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** The same for two names of one file, and only for those. */
  readonly identity: string;
}

/** An open descriptor, closed with its scope. */
export class Descriptor implements Disposable {
  #closed = false;

  constructor(readonly fd: number) {}

  /** A path to the file itself, for as long as this is open. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** @throws {SystemError} where the kernel does not tell. */
  info(): FileInfo {
    const found = new Uint8Array(256);
    const empty = cString("");
    const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
    check(
      libc().statx(this.fd, empty, flags, STATX_BASIC_STATS, found),
      `Cannot look at descriptor ${this.fd}`,
    );
    return parseStatx(new DataView(found.buffer));
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    libc().close(this.fd);
  }
}

/**
 * Opens `name` below a folder; never inherited by children.
 *
 * @param folder what a relative name is relative to; without it the working directory.
 * @param mode the permissions of a file that is created, before the umask.
 * @throws {SystemError} with the errno as `code`.
 */
export function openAt(
  folder: Descriptor | undefined,
  name: string,
  flags: number,
  mode = 0o600,
): Descriptor {
  const fd = libc().openat(at(folder), checked(name), flags | OPEN.CLOEXEC, mode);
  return new Descriptor(check(fd, `Cannot open ${name}`));
}

/**
 * The same on Deno's thread pool, for folders that may be slow: what a server has.
 *
 * @throws {SystemError} with the errno as `code`.
 */
export async function openAtOnPool(
  folder: Descriptor | undefined,
  name: string,
  flags: number,
  mode = 0o600,
): Promise<Descriptor> {
  const path = checked(name);
  const fd = await libc().openatOnPool(at(folder), path, flags | OPEN.CLOEXEC, mode);
  if (fd >= 0) return new Descriptor(fd);
  // The errno has stayed on the pool's thread; asked again, a refusal comes at once.
  return openAt(folder, name, flags, mode);
}

/** asm-generic/unistd.h; the same on x86_64. The C library has no function for it. */
const SYS_OPENAT2 = 437n;
/** linux/openat2.h */
const RESOLVE_NO_SYMLINKS = 0x04, RESOLVE_BENEATH = 0x08;

/**
 * Opens a path below a folder in one go, where no link is on it.
 *
 * @returns undefined where that fails, whatever the reason: before Linux 5.6 it always does, and
 * in a container it may be forbidden.
 */
export async function openBeneath(
  folder: Descriptor,
  path: string,
  flags: number,
): Promise<Descriptor | undefined> {
  const how = new BigUint64Array([
    BigInt(flags | OPEN.CLOEXEC),
    0n,
    BigInt(RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH),
  ]);
  const bytes = new Uint8Array(how.buffer);
  const size = BigInt(bytes.length);
  const fd = await libc().openat2OnPool(SYS_OPENAT2, folder.fd, checked(path), bytes, size);
  return fd < 0n ? undefined : new Descriptor(Number(fd));
}

function at(folder: Descriptor | undefined): number {
  return folder?.fd ?? AT_FDCWD;
}

/** C would take what is before a NUL for the name. */
function checked(name: string): Uint8Array<ArrayBuffer> {
  if (name.includes("\0")) throw new SystemError(`Cannot open ${JSON.stringify(name)}`, "EINVAL");
  return cString(name);
}

/** `struct statx` of linux/stat.h, which is laid out alike everywhere. */
function parseStatx(view: DataView<ArrayBuffer>): FileInfo {
  const mode = view.getUint16(28, true);
  return {
    type: TYPES[mode >> 12] ?? "device",
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    mode: mode & 0o7777,
    size: Number(view.getBigUint64(40, true)),
    identity: [view.getUint32(136, true), view.getUint32(140, true), view.getBigUint64(32, true)]
      .join(":"),
  };
}

/** The upper four bits of `st_mode`. */
const TYPES: Readonly<Record<number, FileInfo["type"]>> = {
  0o01: "fifo",
  0o04: "directory",
  0o10: "file",
  0o12: "link",
  0o14: "socket",
};
