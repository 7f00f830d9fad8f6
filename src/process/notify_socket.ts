/**
 * The socket on which a service manager hears its services (sd_notify(3)). Deno cannot
 * send to a Unix datagram socket without one of its own in the file system, so libc does.
 *
 * @module
 */

/** bits/socket.h: the same on x86_64 and aarch64. */
const AF_UNIX = 1, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
const EAGAIN = 11, ENOBUFS = 105;

/** Bytes of `sun_path`. */
const PATH_MAX = 108;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** How a message went: `busy` is worth another try. */
export type Sent = "sent" | "busy";

/** A socket that sends to one address. */
export class NotifySocket implements Disposable {
  readonly #libc: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #fd: number;

  /**
   * @param path an absolute path, or `@` and a name in the abstract namespace
   * @throws {Error} when it is neither.
   */
  constructor(readonly path: string) {
    this.#address = addressOf(path);
    this.#libc = Deno.dlopen("libc.so.6", SYMBOLS);
    this.#fd = this.#libc.symbols.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }

  /** Sends without waiting. @throws {Error} naming the socket, when nobody is there. */
  send(text: string): Sent {
    const bytes = new TextEncoder().encode(text);
    const { length } = bytes;
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const address = this.#address;
    const { sendto } = this.#libc.symbols;
    if (sendto(this.#fd, bytes, BigInt(length), flags, address, address.length) >= 0) return "sent";
    const errno = this.#errno();
    if (errno === EAGAIN || errno === ENOBUFS) return "busy";
    throw new Error(
      `Cannot tell the service manager: expected it at NOTIFY_SOCKET=${this.path}, found errno ` +
        `${errno}; the unit may have ended, or NOTIFY_SOCKET is another program's`,
    );
  }

  #errno(): number {
    const location = this.#libc.symbols.__errno_location();
    return location ? new Deno.UnsafePointerView(location).getInt32() : 0;
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#fd);
    this.#libc.close();
  }
}

/** `struct sockaddr_un`: an abstract name starts with a zero and ends with its length. */
function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const abstract = path.startsWith("@");
  const name = new TextEncoder().encode(abstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (!/^[@/]/.test(path) || name.length > PATH_MAX) {
    throw new Error(
      `Cannot use NOTIFY_SOCKET: expected an absolute path or @name of at most ${PATH_MAX - 1} ` +
        `bytes, found '${path}'`,
    );
  }
  const address = new Uint8Array(2 + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  return address;
}
