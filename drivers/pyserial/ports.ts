/**
 * The serial ports of this host, in the words that pyserial has for them: `hwgrep://`
 * searches these.
 *
 * @module
 */

/** A port that is there. */
export interface SerialPort {
  /** `/dev/ttyUSB0`: depends on what was plugged in first. */
  readonly device: string;
  /** `FT232R USB UART`; the device's name where nothing is known of it. */
  readonly description: string;
  /** `USB VID:PID=0403:6001 SER=A50285BI LOCATION=1-1.2`; `n/a` where nothing is known of it. */
  readonly hwid: string;
  /** Whether it came by USB, so that it has names that last. */
  readonly usb: boolean;
}

/** Where the kernel's lists are. */
export interface Folders {
  readonly sysfs: string;
  readonly dev: string;
}

const HOST: Folders = { sysfs: "/sys", dev: "/dev" };
/** Names of ports that pyserial 3.5 looks for. */
const NAME = /^(ttyS|ttyUSB|ttyXRUSB|ttyACM|ttyAMA|rfcomm|ttyAP)\d+$/;

/** All ports, by number: ttyUSB2 before ttyUSB10. */
export async function serialPorts(folders: Folders = HOST): Promise<SerialPort[]> {
  const ports: SerialPort[] = [];
  for (const name of await namesIn(folders.dev)) {
    const port = NAME.test(name) ? await describe(name, folders) : undefined;
    if (port) ports.push(port);
  }
  return ports.sort((a, b) => a.device.localeCompare(b.device, "en", { numeric: true }));
}

/** A name of the port that it has again after it was plugged in elsewhere, or again. */
export async function stableName(device: string, { dev }: Folders = HOST): Promise<string> {
  for (const folder of [`${dev}/serial/by-id`, `${dev}/serial/by-path`]) {
    for (const name of (await namesIn(folder)).sort()) {
      const target = await Deno.realPath(`${folder}/${name}`).catch(() => undefined);
      if (target === device) return `${folder}/${name}`;
    }
  }
  return device;
}

/** Undefined for the kernel's placeholders of ports that a board may have (`platform`). */
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
