/**
 * Lists the USB devices that are plugged in, from sysfs: that needs no permission, and has the
 * strings that the kernel read when a device was plugged in.
 *
 * @module
 */

/** A device that is plugged in. */
export interface UsbDevice {
  /** Bus and ports, `1-1.4`; the same when the device is plugged into the same port again. */
  readonly path: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serial?: string;
  /** Number of the bus. */
  readonly bus: number;
  /** Number on the bus; another one when the device is plugged in again. */
  readonly address: number;
  /** The usbfs node, for transfers. */
  readonly node: string;
  /** Its folder in sysfs, without symbolic links. */
  readonly sysfs: string;
}

const DEVICES = "/bus/usb/devices";
/** `1-1.4`; neither root hubs (`usb1`) nor interfaces (`1-1.4:1.0`). */
const DEVICE_NAME = /^\d+-[\d.]+$/;

/** The devices that are plugged in, sorted by `path`. @param sysfs where sysfs is mounted */
export async function usbDevices(sysfs = "/sys"): Promise<UsbDevice[]> {
  const devices: UsbDevice[] = [];
  for (const name of await names(`${sysfs}${DEVICES}`)) {
    const device = DEVICE_NAME.test(name) ? await read(sysfs, name) : undefined;
    if (device) devices.push(device);
  }
  return devices.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

/** A host without USB has no such folder. */
async function names(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Reads the attributes of a device; undefined if it is being unplugged. */
async function read(sysfs: string, path: string): Promise<UsbDevice | undefined> {
  const link = `${sysfs}${DEVICES}/${path}`;
  const folder = await Deno.realPath(link).catch(() => link);
  const [vendor, model, bus, address, manufacturer, product, serial] = await Promise.all(
    ["idVendor", "idProduct", "busnum", "devnum", "manufacturer", "product", "serial"]
      .map((name) => attribute(`${folder}/${name}`)),
  );
  if (!vendor || !model || !bus || !address) return undefined;
  const number = (text: string) => text.padStart(3, "0");
  return {
    path,
    vendorId: parseInt(vendor, 16),
    productId: parseInt(model, 16),
    ...(manufacturer && { manufacturer }),
    ...(product && { product }),
    ...(serial && { serial }),
    bus: Number(bus),
    address: Number(address),
    node: `/dev/bus/usb/${number(bus)}/${number(address)}`,
    sysfs: folder,
  };
}

async function attribute(path: string): Promise<string | undefined> {
  return await Deno.readTextFile(path).then((text) => text.trim(), () => undefined);
}

/** For messages: `04d8:f2f7 'YK25838' at 1-1.4`. */
export function describeUsb({ vendorId, productId, serial, path }: UsbDevice): string {
  const name = serial === undefined ? "without serial number" : `'${serial}'`;
  return `${hex(vendorId)}:${hex(productId)} ${name} at ${path}`;
}

/** The udev rule that lets the group `plugdev` use devices of this kind. */
export function udevRule({ vendorId, productId }: UsbDevice): string {
  return `SUBSYSTEM=="usb", ATTR{idVendor}=="${hex(vendorId)}", ` +
    `ATTR{idProduct}=="${hex(productId)}", GROUP="plugdev", MODE="0660"`;
}

function hex(id: number): string {
  return id.toString(16).padStart(4, "0");
}
