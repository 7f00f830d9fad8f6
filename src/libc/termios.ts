/**
 * The line settings of a terminal: struct termios2, which takes any baud rate. Its
 * layout and bits are those of asm-generic (x86_64, aarch64).
 *
 * @module
 */
import { SystemError } from "./libc.ts";
import { ioctlStruct } from "./terminal.ts";

/** Size of struct termios2 in bytes. */
const SIZE = 44;
/** Byte offsets of its fields. */
const AT = { iflag: 0, oflag: 4, cflag: 8, lflag: 12, cc: 17, ispeed: 36, ospeed: 40 } as const;
/** Indices into c_cc. */
const CC = { VTIME: 5, VMIN: 6 } as const;

const CBAUD = 0o010017;
const BOTHER = 0o010000;
const CSTOPB = 0o100;
const CREAD = 0o200;
const PARENB = 0o400;
const PARODD = 0o1000;
const HUPCL = 0o2000;
const CLOCAL = 0o4000;
const CMSPAR = 0o10000000000;
const CRTSCTS = 0o20000000000;
const INPCK = 0o20;
const OPOST = 0o1;
const IXON = 0o2000;
const IXANY = 0o4000;
const IXOFF = 0o10000;

/** What cfmakeraw(3) switches off: IGNBRK to ICRNL and IXON; ECHO, ECHONL, ICANON, ISIG, IEXTEN. */
const RAW_CLEARS = {
  iflag: 0o1 | 0o2 | 0o10 | 0o40 | 0o100 | 0o200 | 0o400 | IXON,
  lflag: 0o1 | 0o2 | 0o10 | 0o100 | 0o100000,
} as const;

const DATA_BITS = { 5: 0, 6: 0o20, 7: 0o40, 8: 0o60 } as const;

const PARITY = {
  none: 0,
  even: PARENB,
  odd: PARENB | PARODD,
  mark: PARENB | PARODD | CMSPAR,
  space: PARENB | CMSPAR,
} as const;

/**
 * Rates with a code of their own. Programs that know only the older struct termios
 * (stty) read back nothing sensible for a rate that was set as BOTHER.
 */
const SPEED_CODES: ReadonlyMap<number, number> = new Map([
  ...[50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400]
    .map((baud, index) => [baud, index + 1] as const),
  ...[
    57600,
    115200,
    230400,
    460800,
    500000,
    576000,
    921600,
    1000000,
    1152000,
    1500000,
    2000000,
    2500000,
    3000000,
    3500000,
    4000000,
  ].map((baud, index) => [baud, BOTHER + index + 1] as const),
]);

/** How bytes are transmitted on the line. */
export interface LineSettings {
  /** Bits per second, any positive integer. */
  readonly baudRate: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: keyof typeof PARITY;
  readonly stopBits: 1 | 1.5 | 2;
  /** Hardware flow control. */
  readonly rtscts: boolean;
  /** Software flow control of what we send. */
  readonly xon: boolean;
  /** Software flow control of what we receive. */
  readonly xoff: boolean;
  /** Any byte resumes what we send. */
  readonly xany: boolean;
  /** Whether the last close drops DTR and RTS. */
  readonly hupcl: boolean;
}

/** A copy of the kernel's struct termios2. */
export class Termios {
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  #old = false;

  /** @throws {SystemError} ENOTTY where `fd` is no terminal, EIO where its device is gone. */
  static of(fd: number): Termios {
    const termios = new Termios();
    try {
      ioctlStruct(fd, "TCGETS2", termios.#bytes);
    } catch (error) {
      if (!termios.#readOld(fd)) throw error;
    }
    return termios;
  }

  /**
   * QEMU's emulation of a process (7.2) knows only struct termios, which is termios2
   * without the rates in numbers.
   */
  #readOld(fd: number): boolean {
    try {
      ioctlStruct(fd, "TCGETS", this.#bytes);
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
    this.#old = true;
    const code = this.#get(AT.cflag) & CBAUD;
    const [baud = 0] = [...SPEED_CODES].find(([, known]) => known === code) ?? [];
    this.#set(AT.ospeed, baud);
    return true;
  }

  /** Applies the settings at once, without waiting for unsent bytes. @throws {SystemError} */
  apply(fd: number): void {
    const unnamed = (this.#get(AT.cflag) & CBAUD) === BOTHER;
    ioctlStruct(fd, this.#old && !unnamed ? "TCSETS" : "TCSETS2", this.#bytes);
  }

  /** The rate that the kernel uses, in bits per second. */
  get baudRate(): number {
    return this.#get(AT.ospeed);
  }
  set baudRate(baud: number) {
    const code = SPEED_CODES.get(baud) ?? BOTHER;
    // Without a code of its own the input rate (CIBAUD, the same bits 16 higher) is the output's.
    this.#set(AT.cflag, this.#get(AT.cflag) & ~(CBAUD | (CBAUD << 16)) | code);
    this.#set(AT.ispeed, baud);
    this.#set(AT.ospeed, baud);
  }

  /** Whether the last close drops DTR and RTS. */
  get hupcl(): boolean {
    return (this.#get(AT.cflag) & HUPCL) !== 0;
  }
  set hupcl(on: boolean) {
    this.#set(AT.cflag, this.#get(AT.cflag) & ~HUPCL | flag(on, HUPCL));
  }

  /** Sets raw mode and the frame of `settings`; reads wait for one byte. */
  setRaw(settings: LineSettings): void {
    const { parity, stopBits, rtscts, xon, xoff, xany } = settings;
    this.#set(
      AT.iflag,
      flag(parity !== "none", INPCK) | flag(xon, IXON) | flag(xoff, IXOFF) | flag(xany, IXANY),
    );
    this.#set(AT.oflag, 0);
    this.#set(AT.lflag, 0);
    this.#set(
      AT.cflag,
      CREAD | CLOCAL | DATA_BITS[settings.dataBits] | PARITY[parity] |
        flag(stopBits > 1, CSTOPB) | flag(rtscts, CRTSCTS) | flag(settings.hupcl, HUPCL),
    );
    this.#readBytes();
    this.baudRate = settings.baudRate;
  }

  /** Passes on every byte as it is, both ways, as cfmakeraw(3); keeps the frame of the line. */
  makeRaw(): void {
    this.#set(AT.iflag, this.#get(AT.iflag) & ~RAW_CLEARS.iflag);
    this.#set(AT.oflag, this.#get(AT.oflag) & ~OPOST);
    this.#set(AT.lflag, this.#get(AT.lflag) & ~RAW_CLEARS.lflag);
    this.#set(AT.cflag, this.#get(AT.cflag) & ~PARENB | DATA_BITS[8]);
    this.#readBytes();
  }

  /** Whether bytes are passed on as they are typed. */
  get isRaw(): boolean {
    return (this.#get(AT.lflag) & RAW_CLEARS.lflag) === 0 && (this.#get(AT.oflag) & OPOST) === 0;
  }

  /** Reads wait for one byte, and return what there is. */
  #readBytes(): void {
    this.#bytes[AT.cc + CC.VMIN] = 1;
    this.#bytes[AT.cc + CC.VTIME] = 0;
  }

  #get(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  #set(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }
}

function flag(on: boolean, bit: number): number {
  return on ? bit : 0;
}
