/** Features of Unix sockets that Deno lacks: datagrams without an address, credentials of the peer. @module */
import { check, functions, hasErrno } from "./libc.ts";

/** bits/socket.h: the same on x86_64 and aarch64. */
const AF_UNIX = 1, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1, SO_PEERCRED = 17, SO_ACCEPTCONN = 30;
/** `struct sockaddr_un`: two bytes of the family, then the path. */
const PATH_AT = 2;
const MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;

/** Longest path or `@name` in bytes: `sun_path` has one more, for a zero. */
export const MAX_ADDRESS = 107;

const libc = functions({
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
});

/** `struct sockaddr_un` of a path, or of `@` and a name in the abstract namespace; undefined where it is neither, or too long. */
export function unixAddress(path: string): Uint8Array<ArrayBuffer> | undefined {
  // An abstract name starts with a zero and ends with the length of the address.
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`;
  const bytes = new TextEncoder().encode(name);
  if (!/^[@/]/.test(path) || bytes.length > MAX_ADDRESS + 1) return undefined;
  const address = new Uint8Array(2 + bytes.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(bytes, 2);
  return address;
}

/** The process at the other end of a socket, by its credentials when it listened or connected. */
export interface SocketOwner {
  /** 0 where the process is in a PID namespace that cannot be seen from here. */
  readonly pid: number;
  /** In this process's user namespace. */
  readonly uid: number;
}

/**
 * The process that listens on the abstract socket `name`, by its credentials at that moment
 * (unix(7), SO_PEERCRED). Never waits.
 *
 * @param name without the zero or `@` in front
 * @returns undefined where nobody listens, and where the queue of connections is full.
 */
export function listenerOf(name: string): SocketOwner | undefined {
  const { socket, connect, close } = libc();
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  try {
    const address = unixAddress(`@${name}`)!;
    return connect(fd, address, address.length) === 0 ? ownerOfPeer(fd) : undefined;
  } finally {
    close(fd);
  }
}

/** The process at the other end of a connected Unix socket (unix(7), SO_PEERCRED). */
export function ownerOfPeer(fd: number): SocketOwner | undefined {
  // struct ucred: pid_t pid; uid_t uid; gid_t gid
  const found = socketOption(fd, SO_PEERCRED, 12);
  return found && { pid: found.getInt32(0, true), uid: found.getUint32(4, true) };
}

/** Whether a socket listens. */
export function isListening(fd: number): boolean {
  return socketOption(fd, SO_ACCEPTCONN, 4)?.getInt32(0, true) === 1;
}

/** The path that a Unix socket is bound to; undefined for every other socket. */
export function pathOfSocket(fd: number): string | undefined {
  const address = new Uint8Array(PATH_AT + MAX_ADDRESS + 1);
  const length = new Uint32Array([address.length]);
  if (libc().getsockname(fd, address, bytesOf(length)) !== 0) return undefined;
  if (new DataView(address.buffer).getUint16(0, true) !== AF_UNIX) return undefined;
  const [path] = new TextDecoder().decode(address.subarray(PATH_AT, length[0])).split("\0");
  return path || undefined;
}

function socketOption(fd: number, option: number, size: number): DataView | undefined {
  const value = new DataView(new ArrayBuffer(size));
  const length = new Uint32Array([size]);
  const result = libc().getsockopt(fd, SOL_SOCKET, option, bytesOf(value), bytesOf(length));
  return result === 0 ? value : undefined;
}

/** Sends datagrams from a socket without an address of its own, which Deno's sockets need. */
export class DatagramSender implements Disposable {
  readonly #fd: number;
  #closed = false;

  /** @throws {SystemError} where no socket can be opened. */
  constructor() {
    this.#fd = check(libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  }

  /**
   * Sends one datagram without waiting.
   *
   * @param address see {@linkcode unixAddress}
   * @returns false where the receiver has no room for it now.
   * @throws {SystemError} where nobody receives there.
   */
  send(text: string, address: Uint8Array<ArrayBuffer>): boolean {
    const bytes = new TextEncoder().encode(text);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const size = BigInt(bytes.length);
    try {
      check(libc().sendto(this.#fd, bytes, size, flags, address, address.length), "sendto");
      return true;
    } catch (error) {
      if (hasErrno(error, "EAGAIN", "ENOBUFS")) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) libc().close(this.#fd);
    this.#closed = true;
  }
}

function bytesOf({ buffer }: { buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
