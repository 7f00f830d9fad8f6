/** FTDI chips, as far as ftdi_sio and SDWire use them. @module */
import { configuration, endpoint, type Identity, type Setup, SPEED, UsbDevice } from "./device.ts";

/** Vendor requests of the chips (names as in the kernel's ftdi_sio.h). */
const REQUEST = {
  reset: 0,
  modemControl: 1,
  flowControl: 2,
  baudRate: 3,
  data: 4,
  modemStatus: 5,
  setLatency: 9,
  getLatency: 10,
  setBitMode: 11,
  readPins: 12,
  readEeprom: 0x90,
} as const;

/** CTS, DSR and DCD, and the bit that is always set. */
const MODEM = { cts: 0x10, dsr: 0x20, dcd: 0x80, always: 0x01 } as const;
/** The transmitter is empty. */
const LINE_STATUS = 0x60;
const CBUS_MODE = 0x20;
const EMPTY = new Uint8Array();
/** Eighths of the divisor, by their three bits. */
const FRACTIONS = [0, 4, 2, 1, 3, 5, 6, 7];

/** The events on the line, in order. */
export type LineEvent =
  | { readonly kind: "baud"; readonly rate: number }
  | { readonly kind: "lines"; readonly dtr: boolean; readonly rts: boolean }
  | { readonly kind: "break"; readonly on: boolean };

/** The chip; `release` says which one it is. */
export class Ftdi extends UsbDevice {
  override readonly speed = SPEED.full;
  override readonly configuration = configuration(
    [0xff, 0xff, 0xff],
    [endpoint(0x81, "bulk", 64), endpoint(0x02, "bulk", 64)],
  );
  dtr = false;
  rts = false;
  latency = 16;
  /** Bits per second. */
  baud = 0;
  readonly events: LineEvent[] = [];
  /** Modem lines of the board. */
  readonly board = { cts: true, dsr: true, dcd: true };
  /** The board's reaction to received bytes. */
  onBytes: (bytes: Uint8Array) => void = (bytes) => this.say(bytes);
  #breaking = false;

  constructor(busId: string, identity: Identity) {
    super(busId, identity, 8);
  }

  /** Bytes of the board, each packet behind two bytes of status. */
  say(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += 62) {
      const part = bytes.subarray(start, start + 62);
      this.send(0x81, Uint8Array.of(this.#modem(), LINE_STATUS, ...part));
    }
  }

  override receive(_endpoint: number, bytes: Uint8Array): void {
    this.onBytes(bytes);
  }

  protected override request(setup: Setup): Uint8Array | undefined {
    const { requestType, request, value, index } = setup;
    if ((requestType & 0x7f) !== 0x40) return undefined;
    switch (request) {
      case REQUEST.modemControl:
        return this.#setLines(value);
      case REQUEST.baudRate:
        return this.#setBaud(value, index);
      case REQUEST.data:
        return this.#setBreak((value & 0x4000) !== 0);
      case REQUEST.modemStatus:
        return Uint8Array.of(this.#modem(), LINE_STATUS);
      case REQUEST.setLatency:
        this.latency = value & 0xff;
        return EMPTY;
      case REQUEST.getLatency:
        return Uint8Array.of(this.latency);
      case REQUEST.reset:
      case REQUEST.flowControl:
        return EMPTY;
      case REQUEST.readEeprom:
        return new Uint8Array(2);
      default:
        return this.pins(setup);
    }
  }

  /** Requests for the pins, which a serial adapter ignores. */
  protected pins({ request }: Setup): Uint8Array | undefined {
    return request === REQUEST.setBitMode ? EMPTY : undefined;
  }

  #modem(): number {
    const { cts, dsr, dcd } = this.board;
    return MODEM.always | (cts ? MODEM.cts : 0) | (dsr ? MODEM.dsr : 0) | (dcd ? MODEM.dcd : 0);
  }

  #setLines(value: number): Uint8Array {
    if (value & 0x0100) this.dtr = (value & 1) !== 0;
    if (value & 0x0200) this.rts = (value & 2) !== 0;
    this.events.push({ kind: "lines", dtr: this.dtr, rts: this.rts });
    return EMPTY;
  }

  /** 3 MHz by a divisor in eighths; its highest bit is in the index (FTDI AN232B-05). */
  #setBaud(value: number, index: number): Uint8Array {
    const fraction = FRACTIONS[(value >> 14) | ((index & 1) << 2)]! / 8;
    const divisor = (value & 0x3fff) + fraction;
    this.baud = Math.round(divisor === 0 ? 3e6 : divisor === 1 ? 2e6 : 3e6 / divisor);
    this.events.push({ kind: "baud", rate: this.baud });
    return EMPTY;
  }

  #setBreak(on: boolean): Uint8Array {
    if (on !== this.#breaking) this.events.push({ kind: "break", on });
    this.#breaking = on;
    return EMPTY;
  }
}

/** The FT200X of an SDWire: its pin CBUS0 connects the card to host or board. */
export class SdWireSwitch extends Ftdi {
  /** Called with each position. */
  onSwitch: (side: "host" | "dut") => void = () => {};
  readonly positions: ("host" | "dut")[] = [];
  #pins = 0;

  protected override pins({ request, value }: Setup): Uint8Array | undefined {
    if (request === REQUEST.readPins) return Uint8Array.of(this.#pins);
    if (request !== REQUEST.setBitMode) return undefined;
    // The high nibble of the low byte makes pins outputs, the low one is their level.
    if (value >> 8 === CBUS_MODE && (value & 0x10) !== 0) {
      this.#pins = value & 0x0f;
      const side = this.#pins & 1 ? "host" : "dut";
      this.positions.push(side);
      this.onSwitch(side);
    }
    return EMPTY;
  }
}
