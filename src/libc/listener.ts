/** Who listens on a Unix socket, as the kernel knows it. @module */
import { functions } from "./libc.ts";

/** bits/socket.h: the same on x86_64 and aarch64. */
const AF_UNIX = 1, SOCK_STREAM = 1, SOCK_NONBLOCK = 0o4000, SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1, SO_PEERCRED = 17;

const libc = functions({
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** A process that listens. */
export interface Listening {
  /** 0 where the process is in a PID namespace that cannot be seen from here. */
  readonly pid: number;
  /** As it is seen from here. */
  readonly uid: number;
}

/**
 * The process that listens on the abstract socket `name` (without its leading zero), by its
 * credentials at that moment (unix(7), SO_PEERCRED); undefined where there is none, or where
 * more connections wait for it than it takes. Never waits.
 */
export function listenerOf(name: string): Listening | undefined {
  const { socket, connect, getsockopt, close } = libc();
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  try {
    const address = abstractAddress(name);
    if (connect(fd, address, address.length) !== 0) return undefined;
    // struct ucred: pid_t pid; uid_t uid; gid_t gid
    const ucred = new DataView(new ArrayBuffer(12));
    const length = new Uint32Array([ucred.byteLength]);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytesOf(ucred), bytesOf(length)) !== 0) {
      return undefined;
    }
    return { pid: ucred.getInt32(0, true), uid: ucred.getUint32(4, true) };
  } finally {
    close(fd);
  }
}

/** `struct sockaddr_un` of a name in the abstract namespace. */
function abstractAddress(name: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`\0${name}`);
  const address = new Uint8Array(2 + text.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(text, 2);
  return address;
}

function bytesOf({ buffer }: { buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
