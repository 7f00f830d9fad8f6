/**
 * Opens files relative to descriptors: a descriptor keeps referring to the file that was checked,
 * while a path may lead to another file a moment later.
 *
 * Deno opens files by path only. `/proc/self/fd/N` is a path to the file of descriptor N, even if
 * that was renamed or removed, so all of Deno's functions can be used with descriptors.
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
  /** A reference only: neither readable nor writable, and does not open a device. */
  PATH: 0o10000000,
} as const;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
/** A network file system need not ask its server again. */
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

/** The type, owner and permissions of a file. */
export interface FileInfo {
  readonly type: "file" | "directory" | "link" | "fifo" | "socket" | "device";
  readonly uid: number;
  readonly gid: number;
  /** Permissions with sticky, setuid and setgid bits, without the type. */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** Equal for two names if and only if they are names of the same file. */
  readonly identity: string;
}

/** An open descriptor, closed with its scope. */
export class Descriptor implements Disposable {
  #closed = false;

  constructor(readonly fd: number) {}

  /** A path to the file, valid while this is open. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** @throws {SystemError} if statx(2) fails. */
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
 * Opens `name` relative to a folder. Child processes do not inherit the descriptor.
 *
 * @param folder for relative names; without it the working directory.
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
 * As {@linkcode openAt}, but on Deno's thread pool, for folders that may be slow (of a server).
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
  // The errno is on the pool's thread; repeated on this thread, the call fails at once.
  return openAt(folder, name, flags, mode);
}

/** asm-generic/unistd.h; the same on x86_64. The C library has no function for it. */
const SYS_OPENAT2 = 437n;
/** linux/openat2.h */
const RESOLVE_NO_SYMLINKS = 0x04, RESOLVE_BENEATH = 0x08;

/**
 * Opens a path below a folder in one call, if it contains no link.
 *
 * @returns undefined if that fails for any reason: before Linux 5.6 it always does, and a
 *   container may forbid the call.
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

/** A C string would end at a NUL. */
function checked(name: string): Uint8Array<ArrayBuffer> {
  if (name.includes("\0")) throw new SystemError(`Cannot open ${JSON.stringify(name)}`, "EINVAL");
  return cString(name);
}

/** Parses `struct statx` of linux/stat.h, whose layout does not depend on the architecture. */
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
