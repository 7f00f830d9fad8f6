/**
 * Lists the serial ports of this host with pyserial's texts, which `hwgrep://` searches.
 *
 * @module
 */

/** A serial port of this host. */
export interface SerialPort {
  /** `/dev/ttyUSB0`; the number depends on the order in which devices were plugged in. */
  readonly device: string;
  /** `FT232R USB UART`; the device's name if there is no description. */
  readonly description: string;
  /** `USB VID:PID=0403:6001 SER=A50285BI LOCATION=1-1.2`; `n/a` if it is unknown. */
  readonly hwid: string;
  /** Whether it is a USB device, which has a stable name. */
  readonly usb: boolean;
}

/** The folders with the kernel's lists. */
export interface Folders {
  readonly sysfs: string;
  readonly dev: string;
}

const HOST: Folders = { sysfs: "/sys", dev: "/dev" };
/** Names of ports that pyserial 3.5 lists. */
const NAME = /^(ttyS|ttyUSB|ttyXRUSB|ttyACM|ttyAMA|rfcomm|ttyAP)\d+$/;

/** Lists all ports, sorted by number: ttyUSB2 before ttyUSB10. */
export async function serialPorts(folders: Folders = HOST): Promise<SerialPort[]> {
  const ports: SerialPort[] = [];
  for (const name of await namesIn(folders.dev)) {
    const port = NAME.test(name) ? await describe(name, folders) : undefined;
    if (port) ports.push(port);
  }
  return ports.sort((a, b) => a.device.localeCompare(b.device, "en", { numeric: true }));
}

/** A name of the port that survives unplugging, or else the device. */
export async function stableName(device: string, { dev }: Folders = HOST): Promise<string> {
  for (const folder of [`${dev}/serial/by-id`, `${dev}/serial/by-path`]) {
    for (const name of (await namesIn(folder)).sort()) {
      const target = await Deno.realPath(`${folder}/${name}`).catch(() => undefined);
      if (target === device) return `${folder}/${name}`;
    }
  }
  return device;
}

/**
 * Describes a port; undefined for the kernel's placeholders of ports that a board may have
 * (`platform`).
 */
async function describe(name: string, { sysfs, dev }: Folders): Promise<SerialPort | undefined> {
  const device = `${dev}/${name}`;
  const unknown = { device, description: "n/a", hwid: "n/a", usb: false };
  const folder = await Deno.realPath(`${sysfs}/class/tty/${name}/device`).catch(() => undefined);
  if (folder === undefined) return unknown;
  const subsystem = (await Deno.realPath(`${folder}/subsystem`).catch(() => "")).split("/").at(-1);
  switch (subsystem) {
    case "platform":
      return undefined;
    case "usb-serial":
      return { device, usb: true, ...await describeUsb(name, parent(folder)) };
    case "usb":
      return { device, usb: true, ...await describeUsb(name, folder) };
    case "pnp":
      return { ...unknown, description: name, hwid: await attribute(folder, "id") ?? "n/a" };
    case "amba":
      return { ...unknown, description: name, hwid: base(folder) };
    default:
      return unknown;
  }
}

async function describeUsb(name: string, usbInterface: string) {
  const device = parent(usbInterface);
  const [vendor, model, serial, product, interfaces, label] = await Promise.all([
    ...["idVendor", "idProduct", "serial", "product", "bNumInterfaces"]
      .map((key) => attribute(device, key)),
    attribute(usbInterface, "interface"),
  ]);
  const id = (text: string | undefined) => (text ?? "0000").toUpperCase();
  const location = Number(interfaces) > 1 ? base(usbInterface) : base(device);
  return {
    description: label ? `${product} - ${label}` : product ?? name,
    hwid: `USB VID:PID=${id(vendor)}:${id(model)}${serial === undefined ? "" : ` SER=${serial}`} ` +
      `LOCATION=${location}`,
  };
}

async function attribute(folder: string, name: string): Promise<string | undefined> {
  return await Deno.readTextFile(`${folder}/${name}`).then((text) => text.trim(), () => undefined);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
