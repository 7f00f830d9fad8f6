/**
 * Opens terminals for SerialPortStream (BindingInterface of `@serialport/bindings-interface`)
 * through the C library. The native add-on of `serialport` does not work, because it uses
 * descriptors that Deno does not know.
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

/** The binding for SerialPortStream. */
export const posixBinding = {
  /** Empty, because the config names the device. */
  list: (): Promise<never[]> => Promise.resolve([]),
  open: openPort,
};

/**
 * Opens a terminal in raw mode with the given frame, and locks it unless `lock` is false. Raises
 * DTR and RTS, and drops earlier input.
 *
 * @throws {DeviceError} if it is missing, busy, not permitted or not a terminal.
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
 * Locks out programs that use flock, too (pyserial's `exclusive`, serialport, picocom). Refuses a
 * device that another program has opened with TIOCEXCL, because the kernel still lets root open it.
 */
function lockOut(fd: number): void {
  lock(fd);
  if (isExclusive(fd)) throw new SystemError("ioctl TIOCGEXCL", "EBUSY");
}

/** Whether TIOCEXCL is set; false under QEMU's user emulation (7.2), which lacks the request. */
function isExclusive(fd: number): boolean {
  try {
    return ioctlGet(fd, "TIOCGEXCL") !== 0;
  } catch (error) {
    if (hasErrno(error, "ENOTTY", "EINVAL", "ENOSYS")) return false;
    throw error;
  }
}

/** Clears TIOCEXCL for programs that had the device open before. */
function release(fd: number): void {
  try {
    ioctl(fd, "TIOCNXCL");
  } catch {
    // The device is gone, and the flag with it.
  }
}

/**
 * Ptys are opened without TIOCEXCL: they keep it as long as their other end is open, so that after
 * a crash only root could open them again.
 */
function isPty(info: Deno.FileInfo): boolean {
  const { major } = deviceNumbers(info);
  return major >= PTY_MAJORS.first && major <= PTY_MAJORS.last;
}

/** Raises DTR and RTS as pyserial does; the kernel does so only for the first open of a device. */
function raiseLines(port: PosixPort): void {
  try {
    port.setLines({ dtr: true, rts: true });
  } catch (error) {
    if (!hasErrno(error, "ENOTTY", "EINVAL")) throw error;
  }
}

/**
 * Checks that `path` is a terminal that this user may open. Does not open it, because that would
 * pulse DTR, which resets many boards.
 *
 * @throws {DeviceError} if it is missing, not permitted or not a terminal.
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

/** Asks sysfs, which lists all character devices but ptys; true if it lists nothing. */
async function isTty(info: Deno.FileInfo): Promise<boolean> {
  if (isPty(info)) return true;
  const { major, minor } = deviceNumbers(info);
  const subsystem = `/sys/dev/char/${major}:${minor}/subsystem`;
  const target = await Deno.readLink(subsystem).catch(() => "/tty");
  return target.endsWith("/tty");
}

/** Unpacks st_rdev, in the format of glibc. */
function deviceNumbers({ rdev }: Deno.FileInfo): { major: number; minor: number } {
  const packed = rdev ?? 0;
  return { major: (packed >> 8) & 0xfff, minor: (packed & 0xff) | ((packed >> 12) & 0xfff00) };
}
