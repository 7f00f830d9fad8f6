/** The emulated devices of the rig, and how they are connected. @module */
import { CardReader } from "./emulator/card.ts";
import { Ftdi, SdWireSwitch } from "./emulator/ftdi.ts";
import { Ykush } from "./emulator/ykush.ts";

/** Bytes of the emulated card. */
export const CARD_SIZE = 64 << 20;

/** The strings of a real device, from the kernel's mailing lists. */
const FT232R = {
  vendorId: 0x0403,
  productId: 0x6001,
  release: 0x0600,
  manufacturer: "FTDI",
  product: "FT232R USB UART",
} as const;

const SD_WIRE = {
  vendorId: 0x04e8,
  productId: 0x6001,
  release: 0x1000,
  manufacturer: "SRPOL",
  product: "sd-wire",
} as const;

/** An FT200X as it leaves the factory. */
const FT200X = {
  vendorId: 0x0403,
  productId: 0x6015,
  release: 0x1000,
  manufacturer: "FTDI",
  product: "FT200X USB I2C",
} as const;

const READER = {
  vendorId: 0x0424,
  productId: 0x4050,
  manufacturer: "Generic",
  product: "Ultra Fast Media",
  serial: "000000264001",
} as const;

/** All devices; the tests plug them in. */
export class Bench {
  readonly hub = new Ykush("1-1", "YK25838");
  readonly hub3 = new Ykush("1-2", "Y3N0001", "YKUSH3");
  readonly uart = new Ftdi("1-3", { ...FT232R, serial: "A50285BI" });
  readonly mux = new SdWireSwitch("1-4", { ...SD_WIRE, serial: "sdw-00001" });
  readonly reader = new CardReader("1-5", READER, new Uint8Array(CARD_SIZE));
  readonly secondMux = new SdWireSwitch("1-6", { ...SD_WIRE, serial: "sdw-00002" });
  readonly factoryMux = new SdWireSwitch("1-7", FT200X);
  readonly all = [
    this.hub,
    this.hub3,
    this.uart,
    this.mux,
    this.reader,
    this.secondMux,
    this.factoryMux,
  ];

  constructor() {
    this.mux.onSwitch = (side) => this.reader.present = side === "host";
    this.uart.onBytes = (bytes) => this.#answerLine(bytes);
  }

  /** The board answers in swapped case, so that its answer differs from an echo of the line. */
  #answerLine(bytes: Uint8Array): void {
    this.uart.say(
      bytes.map((byte) => /[a-z]/i.test(String.fromCharCode(byte)) ? byte ^ 0x20 : byte),
    );
  }
}
