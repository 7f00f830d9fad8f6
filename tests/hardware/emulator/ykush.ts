/** Yepkit's switchable hubs: 64-byte reports, one out, one in, without report numbers. @module */
import { configuration, endpoint, le16, type Setup, SPEED, UsbDevice } from "./device.ts";

/** 64 bytes in, 64 bytes out, of a vendor's own usage page. */
const REPORT = Uint8Array.of(
  ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x19, 0x01, 0x29, 0x40, 0x15, 0x00],
  ...[
    0x26,
    0xff,
    0x00,
    0x75,
    0x08,
    0x95,
    0x40,
    0x81,
    0x02,
    0x19,
    0x01,
    0x29,
    0x40,
    0x91,
    0x02,
    0xc0,
  ],
);
const HID = Uint8Array.of(9, 0x21, 0x11, 0x01, 0, 1, 0x22, ...le16(REPORT.length));
const ALL_PORTS = 0x0a;

/** A YKUSH, or a YKUSH3 (to which the kernel binds its HID driver). */
export class Ykush extends UsbDevice {
  override readonly speed = SPEED.full;
  override readonly configuration = configuration(
    [3, 0, 0],
    [endpoint(0x81, "interrupt", 64), endpoint(0x01, "interrupt", 64)],
    HID,
  );
  /** Whether each of the three ports has power. */
  readonly ports: [boolean, boolean, boolean] = [true, true, true];
  /** The first bytes of all reports so far. */
  readonly commands: number[] = [];
  /** Takes reports but answers none, as firmware that hangs. */
  mute = false;

  constructor(busId: string, serial: string | undefined, model: "YKUSH" | "YKUSH3" = "YKUSH") {
    const productId = model === "YKUSH" ? 0xf2f7 : 0xf11b;
    super(busId, {
      vendorId: 0x04d8,
      productId,
      manufacturer: "Yepkit Lda.",
      product: model,
      ...(serial !== undefined && { serial }),
    }, 8);
  }

  /** The ports as `101`. */
  get power(): string {
    return this.ports.map(Number).join("");
  }

  override receive(_endpoint: number, bytes: Uint8Array): void {
    const command = bytes[0] ?? 0;
    this.commands.push(command);
    const answer = new Uint8Array(64);
    answer.set(this.#execute(command));
    if (!this.mute) this.send(0x81, answer);
  }

  protected override request({ requestType, request }: Setup): Uint8Array | undefined {
    return requestType === 0x21 && request === 0x0a ? new Uint8Array() : undefined; // SET_IDLE
  }

  protected override interfaceDescriptor(type: number): Uint8Array | undefined {
    return type === 0x22 ? REPORT : type === 0x21 ? HID : undefined;
  }

  #execute(command: number): number[] {
    const kind = command & 0xf0;
    const port = command & 0x0f;
    const valid = (port >= 1 && port <= 3) || port === ALL_PORTS;
    if (kind === 0x20 && port !== ALL_PORTS && valid) {
      return [1, (this.ports[port - 1] ? 0x10 : 0) | port];
    }
    if (kind > 0x10 || !valid) return [0xff, command];
    for (let index = 0; index < 3; index++) {
      if (port === ALL_PORTS || port === index + 1) this.ports[index] = kind === 0x10;
    }
    return [1, command];
  }
}
