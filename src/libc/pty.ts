/** A pseudo-terminal for a child process, so that its output comes line by line. @module */

/** asm-generic/fcntl.h and asm-generic/ioctls.h: the same on x86_64 and aarch64. */
const O_RDWR = 2, O_NOCTTY = 0o400, O_NONBLOCK = 0o4000, O_CLOEXEC = 0o2000000;
const POLLIN = 1;
const EINTR = 4, EAGAIN = 11;

/** How long a look for output may block its thread: a bound on noticing that all is over. */
const POLL_MS = 200;

const SYMBOLS = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let libc: Libc | undefined;

/** Opened with the first terminal: an exporter without hooks needs no libc of its own. */
function load(): Libc {
  return libc ??= Deno.dlopen("libc.so.6", SYMBOLS).symbols;
}

/** The side of a pseudo-terminal that reads what a child writes. */
export class Pty implements Disposable {
  /** `/dev/pts/N`, for the child to open. */
  readonly path: string;
  readonly #fd: number;
  readonly #libc: Libc;
  #closed = false;

  /** @throws {Error} where the system has no pseudo-terminal left. */
  constructor() {
    this.#libc = load();
    const fd = this.#libc.posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const name = new Uint8Array(64);
    const usable = fd >= 0 && this.#libc.grantpt(fd) === 0 && this.#libc.unlockpt(fd) === 0 &&
      this.#libc.ptsname_r(fd, name, BigInt(name.length)) === 0;
    if (!usable) {
      const errno = this.#errno();
      if (fd >= 0) this.#libc.close(fd);
      throw new Error(`Cannot open a pseudo-terminal (errno ${errno}): is /dev/pts mounted?`);
    }
    this.#fd = fd;
    this.path = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  }

  /**
   * What the child writes, until nobody has the terminal open any more, or `over`
   * says so and there is nothing left to read.
   */
  async *output(over: () => boolean): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(16 * 1024);
    while (!this.#closed) {
      const count = Number(this.#libc.read(this.#fd, buffer, BigInt(buffer.length)));
      if (count > 0) yield buffer.slice(0, count);
      else if (count === 0 || !this.#mayRetry()) return;
      else if (!await this.#readable() && over()) return;
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }

  /** Whether something can be read, or has ended, after waiting for it in another thread. */
  async #readable(): Promise<boolean> {
    // struct pollfd: int fd, short events, short revents
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt32(0, this.#fd, true);
    pollfd.setInt16(4, POLLIN, true);
    return await this.#libc.poll(new Uint8Array(pollfd.buffer), 1n, POLL_MS) > 0;
  }

  /** EIO, the usual end, means that the child's side is closed. */
  #mayRetry(): boolean {
    const errno = this.#errno();
    return errno === EAGAIN || errno === EINTR;
  }

  #errno(): number {
    const location = this.#libc.__errno_location();
    return location ? new Deno.UnsafePointerView(location).getInt32() : 0;
  }
}
