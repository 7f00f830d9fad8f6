/** Finds the hub that a config names. @module */
import { HardwareProblem } from "../../src/driver/mod.ts";
import { describeUsb, type UsbDevice, usbDevices } from "../../src/hardware/usb/mod.ts";

const VENDOR = 0x04d8;
/** YKUSH, and YKUSH3, which has the same commands. */
const PRODUCTS: readonly number[] = [0xf2f7, 0xf11b];

/** The part of a config that selects the hub. */
export interface Selector {
  /** Any hub, if null. */
  readonly serial: string | null;
}

/** A hub, and a warning if several match. */
export interface Found {
  readonly device: UsbDevice;
  readonly problem?: HardwareProblem;
}

/** Whether a device is a YKUSH. */
export function isYkush({ vendorId, productId }: UsbDevice): boolean {
  return vendorId === VENDOR && PRODUCTS.includes(productId);
}

/**
 * Finds the hub with this serial number, or the first one.
 *
 * @param devices the devices to search. @default {those of the host}
 * @throws {HardwareProblem} if none matches.
 */
export async function findYkush({ serial }: Selector, devices?: UsbDevice[]): Promise<Found> {
  const hubs = (devices ?? await usbDevices()).filter(isYkush);
  const [device, ...others] = hubs.filter((hub) => serial === null || hub.serial === serial);
  if (!device) throw missing(serial, hubs);
  return { device, ...(others.length > 0 && { problem: ambiguous(serial, device, hubs) }) };
}

function missing(serial: string | null, hubs: readonly UsbDevice[]): HardwareProblem {
  const candidates = hubs.map(describeUsb);
  const wanted = serial === null ? "a YKUSH" : `a YKUSH with serial number '${serial}'`;
  const found = candidates.join(", ") || "none";
  const remedy = candidates.length > 0
    ? "plug it in, or correct 'serial' in the driver's config"
    : "plug it in";
  return new HardwareProblem(
    "missing",
    `Cannot find the YKUSH: expected ${wanted}, found ${found}; ${remedy}`,
    { candidates },
  );
}

/** The warning for several hubs, of which the first one is used, as by the official driver. */
function ambiguous(
  serial: string | null,
  device: UsbDevice,
  hubs: readonly UsbDevice[],
): HardwareProblem {
  const candidates = hubs.filter((hub) => serial === null || hub.serial === serial)
    .map(describeUsb);
  const wanted = serial === null ? "one YKUSH, as no 'serial' is given" : `one YKUSH '${serial}'`;
  return new HardwareProblem(
    "ambiguous",
    `Using the YKUSH ${describeUsb(device)}: expected ${wanted}, found ` +
      `${candidates.join(", ")}; name one by 'serial' in the driver's config`,
    { candidates, usable: true },
  );
}
