/** Pseudo-terminals. @module */
import { constants } from "node:os";
import { closeNow, tryRead, tryWrite } from "./descriptors.ts";
import { OPEN } from "./files.ts";
import { functions, lastError } from "./libc.ts";

const POLLIN = 1;

/** How long a look for output may block its thread: a bound on noticing that all is over. */
const POLL_MS = 200;

/** VEOF of a terminal whose settings nobody has changed: ^D. */
const END_OF_INPUT = 4;

/** Number of reads that find an end of input, by default. */
const READS = 256;

const libc = functions({
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
});

/** The side of a pseudo-terminal that drives the other one. */
export interface PtyMaster {
  /** Non-blocking, the caller's to close. */
  readonly fd: number;
  /** The other side, for a program to open: `/dev/pts/N` */
  readonly path: string;
}

/** @throws {Error} where the system has no pseudo-terminal left. */
export function openPty(): PtyMaster {
  const { posix_openpt, grantpt, unlockpt, ptsname_r } = libc();
  const fd = posix_openpt(OPEN.RDWR | OPEN.NOCTTY | OPEN.NONBLOCK | OPEN.CLOEXEC);
  const name = new Uint8Array(64);
  const usable = fd >= 0 && grantpt(fd) === 0 && unlockpt(fd) === 0 &&
    ptsname_r(fd, name, BigInt(name.length)) === 0;
  if (!usable) {
    const { message } = lastError("Cannot open a pseudo-terminal");
    if (fd >= 0) closeNow(fd);
    throw new Error(`${message}; is /dev/pts mounted?`);
  }
  return { fd, path: new TextDecoder().decode(name.subarray(0, name.indexOf(0))) };
}

/** The side of a pseudo-terminal that reads what a child writes, so line by line. */
export class Pty implements Disposable {
  /** `/dev/pts/N`, for the child to open. */
  readonly path: string;
  readonly #fd: number;
  #closed = false;

  /** @throws {Error} where the system has no pseudo-terminal left. */
  constructor() {
    ({ fd: this.#fd, path: this.path } = openPty());
  }

  /**
   * What the child writes, until nobody has the terminal open any more, or `over` is true and
   * nothing is left to read.
   */
  async *output(over: () => boolean): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(16 * 1024);
    while (!this.#closed) {
      const count = tryRead(this.#fd, buffer);
      if (count > 0) yield buffer.slice(0, count);
      // EIO, the usual end, means that the child's side is closed.
      else if (count !== -constants.errno.EAGAIN) return;
      else if (!await this.#readable() && over()) return;
    }
  }

  /**
   * Types the character that ends the input of whoever reads a line from the terminal.
   *
   * @param times how many reads find an end; the terminal keeps 4095 characters.
   */
  endInput(times = READS): void {
    if (!this.#closed) tryWrite(this.#fd, new Uint8Array(times).fill(END_OF_INPUT));
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeNow(this.#fd);
  }

  /** Whether there is something to read, or an end, after a wait for it on another thread. */
  async #readable(): Promise<boolean> {
    // struct pollfd: int fd, short events, short revents
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt32(0, this.#fd, true);
    pollfd.setInt16(4, POLLIN, true);
    return await libc().poll(new Uint8Array(pollfd.buffer), 1n, POLL_MS) > 0;
  }
}
