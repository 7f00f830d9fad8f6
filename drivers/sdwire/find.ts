/** Finds the SDWire that a config names. @module */
import { HardwareProblem } from "../../src/driver/mod.ts";
import { describeUsb, type UsbDevice, usbDevices } from "../../src/hardware/usb/mod.ts";

/** How a device switches its card. */
export type Model =
  /** A pin of an FT200X. */
  | "ftdi"
  /** The card reader, which releases the card while its kernel driver is detached. */
  | "realtek";

/** The part of a config that selects the SDWire; null matches any. */
export interface Selector {
  readonly serial: string | null;
  /** The USB port, for chips without a serial number: `1-1.4`. */
  readonly usb_path: string | null;
}

/** An SDWire. */
export interface SdWire {
  readonly device: UsbDevice;
  readonly model: Model;
}

/** USB identities: a programmed SDWire, an unprogrammed FT200X, and the later model. */
const PROGRAMMED = { vendorId: 0x04e8, productId: 0x6001, product: "sd-wire" } as const;
const FACTORY = { vendorId: 0x0403, productId: 0x6015 } as const;
const REALTEK = { vendorId: 0x0bda, productId: 0x0316 } as const;

function has(device: UsbDevice, identity: Partial<UsbDevice>): boolean {
  return Object.entries(identity).every(([key, value]) => device[key as keyof UsbDevice] === value);
}

/** Whether a device is certainly an SDWire. */
export function isSdWire(device: UsbDevice): boolean {
  return has(device, PROGRAMMED);
}

/**
 * Finds the SDWire with this serial number or at this USB port, or the only one. Chips that other
 * devices have, too, count only if the config names one.
 *
 * @param devices the devices to search. @default {those of the host}
 * @throws {HardwareProblem} if none matches, or several do.
 */
export async function findSdWire(selector: Selector, devices?: UsbDevice[]): Promise<SdWire> {
  const { serial, usb_path } = selector;
  const named = serial !== null || usb_path !== null;
  const all = (devices ?? await usbDevices()).filter((device) => {
    return isSdWire(device) || (named && (has(device, FACTORY) || has(device, REALTEK)));
  });
  const matching = all.filter((device) => {
    return (serial === null || device.serial === serial) &&
      (usb_path === null || device.path === usb_path);
  });
  const [device] = matching;
  if (!device) throw missing(selector, all);
  if (matching.length > 1) throw ambiguous(selector, matching);
  return { device, model: has(device, REALTEK) ? "realtek" : "ftdi" };
}

function wanted({ serial, usb_path }: Selector): string {
  const number = serial === null ? "" : ` with serial number '${serial}'`;
  const place = usb_path === null ? "" : ` at ${usb_path}`;
  return `an SDWire${number}${place}`;
}

function missing(selector: Selector, all: readonly UsbDevice[]): HardwareProblem {
  const candidates = all.map(describeUsb);
  const found = candidates.join(", ") ||
    "neither a programmed one (04e8:6001) nor an FT200X (0403:6015)";
  const remedy = candidates.length > 0
    ? "plug it in, or correct 'serial' or 'usb_path' in the driver's config"
    : "plug it in; an unprogrammed FT200X must be named by 'serial' or 'usb_path'";
  return new HardwareProblem(
    "missing",
    `Cannot find the SDWire: expected ${wanted(selector)}, found ${found}; ${remedy}`,
    { candidates },
  );
}

function ambiguous(selector: Selector, matching: readonly UsbDevice[]): HardwareProblem {
  const candidates = matching.map(describeUsb);
  return new HardwareProblem(
    "ambiguous",
    `Cannot choose ${wanted(selector)}: expected one, found ` +
      `${candidates.join(", ")}; name one by 'serial' or 'usb_path' in the driver's config`,
    { candidates },
  );
}
