/** Requests to terminals: ioctl(2) and tcdrain(3). @module */
import { check, functions } from "./libc.ts";

const libc = functions({
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  ioctlInt: { name: "ioctl", parameters: ["i32", "usize", "isize"], result: "i32" },
  tcdrain: { parameters: ["i32"], result: "i32", nonblocking: true },
});

/** Requests of ioctl(2) on terminals: asm-generic/ioctls.h, the same on x86_64 and aarch64. */
const IOCTL = {
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

/** An ioctl without an argument or with a number. @throws {SystemError} */
export function ioctl(fd: number, request: keyof typeof IOCTL, argument = 0): void {
  check(libc().ioctlInt(fd, BigInt(IOCTL[request]), BigInt(argument)), `ioctl ${request}`);
}

/** An ioctl that fills or reads a struct. @throws {SystemError} */
export function ioctlStruct(
  fd: number,
  request: keyof typeof IOCTL,
  struct: Uint8Array<ArrayBuffer>,
): void {
  check(libc().ioctl(fd, BigInt(IOCTL[request]), struct), `ioctl ${request}`);
}

/** An ioctl that answers with one int. @throws {SystemError} */
export function ioctlGet(fd: number, request: keyof typeof IOCTL): number {
  const answer = new Int32Array(1);
  ioctlStruct(fd, request, new Uint8Array(answer.buffer));
  return answer[0]!;
}

/** An ioctl that takes the address of one int. @throws {SystemError} */
export function ioctlSet(fd: number, request: keyof typeof IOCTL, value: number): void {
  ioctlStruct(fd, request, new Uint8Array(Int32Array.of(value).buffer));
}

/** Waits, on the thread pool, until all output has been sent. */
export async function drain(fd: number): Promise<void> {
  await libc().tcdrain(fd);
}
