/**
 * Opens terminals for SerialPortStream (BindingInterface of
 * `@serialport/bindings-interface`), by the C library instead of a native add-on:
 * the add-on of `serialport` reads and writes through descriptors that Deno does not
 * know.
 *
 * @module
 */
import { checkAccess, lock, openDevice } from "../../src/libc/descriptors.ts";
import { OPEN } from "../../src/libc/files.ts";
import { hasErrno, SystemError } from "../../src/libc/libc.ts";
import { ioctl, ioctlGet } from "../../src/libc/terminal.ts";
import { Termios } from "../../src/libc/termios.ts";
import { type PortOptions, PosixPort } from "./port.ts";
import { openProblem } from "./problem.ts";

/** Major device numbers of the slave ends of Unix98 ptys (the kernel's devices.txt). */
const PTY_MAJORS = { first: 136, last: 143 } as const;

/** What SerialPortStream opens ports with. */
export const posixBinding = {
  /** Devices are named by the config, never searched for. */
  list: (): Promise<never[]> => Promise.resolve([]),
  open: openPort,
};

/**
 * Opens a terminal: raw, in the given frame, alone unless `lock` is false, with DTR
 * and RTS raised and without what was received before.
 *
 * @throws {DeviceError} when it is missing, busy, not permitted or not a terminal.
 */
export async function openPort(options: PortOptions): Promise<PosixPort> {
  try {
    const flags = OPEN.RDWR | OPEN.NOCTTY | OPEN.NONBLOCK | OPEN.CLOEXEC;
    const exclusive = (options.lock ?? true) && !isPty(await Deno.stat(options.path));
    return await setUp(await openDevice(options.path, flags), options, exclusive);
  } catch (error) {
    throw await openProblem(options.path, error);
  }
}

async function setUp(fd: number, options: PortOptions, exclusive: boolean): Promise<PosixPort> {
  const port = new PosixPort(fd, options, () => exclusive && release(fd));
  try {
    const termios = Termios.of(fd);
    if (options.lock ?? true) lockOut(fd);
    if (exclusive) ioctl(fd, "TIOCEXCL");
    termios.setRaw(port.openOptions);
    termios.apply(fd);
    raiseLines(port);
    port.flushInput();
    return port;
  } catch (error) {
    await port.close();
    throw error;
  }
}

/**
 * Keeps programs out that lock, too (flock: pyserial's `exclusive`, serialport,
 * picocom), and notices those that forbid further opens, which does not stop root.
 */
function lockOut(fd: number): void {
  lock(fd);
  if (isExclusive(fd)) throw new SystemError("ioctl TIOCGEXCL", "EBUSY");
}

/** QEMU's emulation of a process (7.2) cannot ask the kernel for it. */
function isExclusive(fd: number): boolean {
  try {
    return ioctlGet(fd, "TIOCGEXCL") !== 0;
  } catch (error) {
    if (hasErrno(error, "ENOTTY", "EINVAL", "ENOSYS")) return false;
    throw error;
  }
}

/** The device is as it was found for those who had it open before. */
function release(fd: number): void {
  try {
    ioctl(fd, "TIOCNXCL");
  } catch {
    // The device is gone, and the flag with it.
  }
}

/**
 * A pty keeps TIOCEXCL for as long as its other end lives: after a crash of ours nobody
 * but root could open it again.
 */
function isPty(info: Deno.FileInfo): boolean {
  const { major } = deviceNumbers(info);
  return major >= PTY_MAJORS.first && major <= PTY_MAJORS.last;
}

/** As pyserial does on open; the kernel does it only for the first open of a device. */
function raiseLines(port: PosixPort): void {
  try {
    port.setLines({ dtr: true, rts: true });
  } catch (error) {
    if (!hasErrno(error, "ENOTTY", "EINVAL")) throw error;
  }
}

/**
 * Whether `path` is a terminal that this user may open, without opening it: that would
 * pulse DTR, which resets many boards.
 *
 * @throws {DeviceError} when it is missing, not permitted or not a terminal.
 */
export async function checkPort(path: string): Promise<void> {
  try {
    const info = await Deno.stat(path);
    if (!info.isCharDevice || !await isTty(info)) throw new SystemError("stat", "ENOTTY");
    checkAccess(path);
  } catch (error) {
    throw await openProblem(path, error);
  }
}

/** By sysfs, which knows all character devices but ptys; where it says nothing, it may be one. */
async function isTty(info: Deno.FileInfo): Promise<boolean> {
  if (isPty(info)) return true;
  const { major, minor } = deviceNumbers(info);
  const subsystem = `/sys/dev/char/${major}:${minor}/subsystem`;
  const target = await Deno.readLink(subsystem).catch(() => "/tty");
  return target.endsWith("/tty");
}

/** As glibc packs them into st_rdev. */
function deviceNumbers({ rdev }: Deno.FileInfo): { major: number; minor: number } {
  const packed = rdev ?? 0;
  return { major: (packed >> 8) & 0xfff, minor: (packed & 0xff) | ((packed >> 12) & 0xfff00) };
}
