/**
 * An open terminal with the interface that SerialPortStream requires (BindingPortInterface of
 * `@serialport/bindings-interface`).
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { constants } from "node:os";
import { closeDevice, closeNow, tryRead, tryWrite } from "../../src/libc/descriptors.ts";
import { errnoName, SystemError } from "../../src/libc/libc.ts";
import { poller, type Readiness, type Watch } from "../../src/libc/poller.ts";
import { drain, FLUSH, ioctl, ioctlGet, ioctlSet, MODEM } from "../../src/libc/terminal.ts";
import { type LineSettings, Termios } from "../../src/libc/termios.ts";

/** How to open a port: 8 data bits, no parity, 1 stop bit, no flow control unless given. */
export interface PortOptions extends Partial<LineSettings> {
  /** The device's path. */
  readonly path: string;
  /** Bits per second, any positive integer. */
  readonly baudRate: number;
  /** Whether other programs are locked out while the port is open. @default true */
  readonly lock?: boolean;
}

const DEFAULTS = {
  dataBits: 8,
  parity: "none",
  stopBits: 1,
  rtscts: false,
  xon: false,
  xoff: false,
  xany: false,
  lock: true,
} as const;

/** Lines to change; those that are not named stay as they are. */
export interface LineStates {
  readonly dtr?: boolean;
  readonly rts?: boolean;
  /** A break condition on the transmit line. */
  readonly brk?: boolean;
}

/** A read or write that ended because the port was closed; not a fault of the device. */
export class PortClosed extends Error {
  override name = "PortClosed";
  /** Tells SerialPortStream that this is no failure. */
  readonly canceled = true;

  constructor() {
    super("the port was closed");
  }
}

const { errno } = constants;
/** Errors of a device that has been unplugged or whose other end hung up. */
const GONE: readonly number[] = [errno.EIO, errno.ENXIO, errno.ENODEV];
/** How often `drain` polls the unsent output, in milliseconds. */
const DRAIN_POLL_MS = 10;

/** Owns one non-blocking descriptor. */
export class PosixPort {
  /** With all defaults; `hupcl` is the device's own if none was given. */
  readonly openOptions: Required<PortOptions>;
  readonly #fd: number;
  readonly #watch: Watch;
  #isOpen = true;
  #closing: Promise<void> | undefined;

  /** Takes over `fd`, even if it throws. @throws {SystemError} ENOTTY if `fd` is no terminal. */
  constructor(
    fd: number,
    options: PortOptions,
    private readonly onClose?: () => void,
  ) {
    this.#fd = fd;
    try {
      // Before the poll, which fails with a misleading EPERM for a regular file.
      this.openOptions = { ...DEFAULTS, hupcl: Termios.of(fd).hupcl, ...options };
      this.#watch = poller.watch(fd);
    } catch (error) {
      closeNow(fd);
      throw error;
    }
  }

  /** False as soon as `close` was called. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The open descriptor, for settings only: callers must not read, write or close it. */
  get fd(): number {
    if (!this.#isOpen) throw new PortClosed();
    return this.#fd;
  }

  /**
   * Reads the available bytes: at least one byte, at most `length` bytes.
   *
   * @returns the number of bytes in `buffer` from `offset` on; 0 if the device is gone.
   * @throws {PortClosed} when the port is closed meanwhile.
   */
  async read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }> {
    const target = buffer.subarray(offset, offset + length);
    let readiness: Readiness = "ready";
    for (;;) {
      const bytesRead = this.#readAvailable(target as Uint8Array<ArrayBuffer>);
      if (bytesRead !== undefined) return { buffer, bytesRead };
      if (readiness === "hangup") return { buffer, bytesRead: 0 };
      readiness = await this.#watch.readable();
    }
  }

  /** Reads until nothing is left, because a terminal returns at most 4 KiB per call. */
  #readAvailable(target: Uint8Array<ArrayBuffer>): number | undefined {
    let filled = 0;
    while (filled < target.length) {
      const result = tryRead(this.fd, target.subarray(filled));
      if (result > 0) filled += result;
      else if (filled > 0) break;
      else if (result === -errno.EAGAIN) return undefined;
      else if (result === 0 || GONE.includes(-result)) return 0;
      else throw new SystemError("read", errnoName(-result));
    }
    return filled;
  }

  /**
   * Passes all bytes to the kernel.
   *
   * @throws {PortClosed} when the port is closed meanwhile.
   * @throws {SystemError} EIO if the device is gone.
   */
  async write(buffer: Uint8Array): Promise<void> {
    let rest = buffer as Uint8Array<ArrayBuffer>;
    while (rest.length > 0) {
      const result = tryWrite(this.fd, rest);
      if (result >= 0) rest = rest.subarray(result);
      else if (result !== -errno.EAGAIN) throw new SystemError("write", errnoName(-result));
      else if (await this.#watch.writable() === "hangup") throw new SystemError("write", "EIO");
    }
  }

  /**
   * Changes the baud rate at once.
   *
   * @throws {SystemError} EINVAL for a rate that the device lacks.
   */
  update({ baudRate }: { baudRate: number }): Promise<void> {
    return this.#settle(() => this.#change((termios) => termios.baudRate = baudRate));
  }

  /** The rate that the kernel reports, in bits per second. */
  getBaudRate(): Promise<{ baudRate: number }> {
    return this.#settle(() => ({ baudRate: Termios.of(this.fd).baudRate }));
  }

  /** Sets whether the last close drops DTR and RTS. @throws {SystemError} */
  setHupcl(on: boolean): void {
    this.#change((termios) => termios.hupcl = on);
  }

  /** Sets lines. @throws {SystemError} ENOTTY for a device without modem lines, such as a pty. */
  set(lines: LineStates): Promise<void> {
    return this.#settle(() => this.setLines(lines));
  }

  /** @see set */
  setLines({ dtr, rts, brk }: LineStates): void {
    const bits = (wanted: boolean) =>
      (dtr === wanted ? MODEM.DTR : 0) | (rts === wanted ? MODEM.RTS : 0);
    if (bits(true)) ioctlSet(this.fd, "TIOCMBIS", bits(true));
    if (bits(false)) ioctlSet(this.fd, "TIOCMBIC", bits(false));
    if (brk !== undefined) ioctl(this.fd, brk ? "TIOCSBRK" : "TIOCCBRK");
  }

  /** The lines that the other end drives. @throws {SystemError} ENOTTY without modem lines. */
  get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return this.#settle(() => {
      const lines = ioctlGet(this.fd, "TIOCMGET");
      return {
        cts: (lines & MODEM.CTS) !== 0,
        dsr: (lines & MODEM.DSR) !== 0,
        dcd: (lines & MODEM.CD) !== 0,
      };
    });
  }

  /** Discards what was received but not read, and what was written but not sent. */
  flush(): Promise<void> {
    return this.#settle(() => ioctl(this.fd, "TCFLSH", FLUSH.BOTH));
  }

  /** Discards what was received but not read. */
  flushInput(): void {
    ioctl(this.fd, "TCFLSH", FLUSH.INPUT);
  }

  /** Waits until everything written has been sent. @throws {PortClosed} */
  async drain(): Promise<void> {
    // tcdrain alone would block its thread as long as the other end accepts nothing.
    while (ioctlGet(this.fd, "TIOCOUTQ") > 0) await sleep(DRAIN_POLL_MS);
    await drain(this.fd);
  }

  /**
   * Ends pending reads and writes at once. Resolves when the kernel has closed the device, which
   * first sends earlier output (for up to 30 s on a slow line).
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    const unwatched = this.#watch.close();
    this.onClose?.();
    await closeDevice(this.#fd);
    await unwatched;
  }

  #change(edit: (termios: Termios) => void): void {
    const termios = Termios.of(this.fd);
    edit(termios);
    termios.apply(this.fd);
  }

  #settle<T>(action: () => T): Promise<T> {
    return Promise.try(action);
  }
}
