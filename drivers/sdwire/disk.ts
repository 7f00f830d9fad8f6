/** Finds the disk of an SDWire's card on the host. @module */
import { setTimeout as sleep } from "node:timers/promises";
import { HardwareProblem, Timeout } from "../../src/driver/mod.ts";
import { describeUsb } from "../../src/hardware/usb/mod.ts";
import type { SdWire } from "./find.ts";

/** A disk in sysfs. */
interface Disk {
  /** `/dev/sda` */
  readonly path: string;
  /** The USB device of the disk, by its folder in sysfs. */
  readonly reader: string;
  /** Whether the kernel reports a medium in it. */
  readonly filled: boolean;
}

/** How often to look, in ms. */
const POLL_MS = 200;
/** Folders below a hub that contain no disk and would slow down the search. */
const PASSED_OVER = new Set(["power", "driver", "subsystem", "firmware_node", "queue", "bdi"]);
/** From a hub to the disks of a reader: device, interface, host, target, LUN, `block`, disk. */
const DEPTH = 8;

/**
 * Waits for the disk of the reader that is connected to the same hub as the switch. Its name
 * changes each time it appears, so callers wait for it at each use.
 *
 * @throws {Timeout} if there is none within `timeoutMs`.
 * @throws {HardwareProblem} if several readers are connected to that hub.
 */
export async function waitForDisk(
  sdWire: SdWire,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const path = await findDisk(sdWire);
    if (path !== undefined) return path;
    if (performance.now() >= deadline) throw absent(sdWire, timeoutMs);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Finds the disk, if there is one now. @see waitForDisk */
export async function findDisk({ device, model }: SdWire): Promise<string | undefined> {
  const place = model === "ftdi"
    ? device.sysfs.slice(0, device.sysfs.lastIndexOf("/"))
    : device.sysfs;
  const disks = await disksBelow(place, DEPTH);
  const readers = new Set(disks.map(({ reader }) => reader));
  if (readers.size > 1) throw severalReaders(device.path, disks);
  return (disks.find(({ filled }) => filled) ?? disks[0])?.path;
}

async function disksBelow(folder: string, depth: number): Promise<Disk[]> {
  const disks: Disk[] = [];
  for (const name of await foldersIn(folder)) {
    const path = `${folder}/${name}`;
    if (folder.endsWith("/block")) disks.push(await read(name, path));
    else if (depth > 1 && !PASSED_OVER.has(name)) disks.push(...await disksBelow(path, depth - 1));
  }
  return disks;
}

/** Skips symbolic links, which lead out of the device. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  } catch {
    return []; // The device is being unplugged.
  }
}

async function read(name: string, folder: string): Promise<Disk> {
  const size = await Deno.readTextFile(`${folder}/size`).catch(() => "0");
  const reader = folder.replace(/\/[^/]+:\d+\.\d+\/.*$/, "");
  return { path: `/dev/${name}`, reader, filled: Number(size) > 0 };
}

function absent({ device }: SdWire, timeoutMs: number): Timeout {
  return new Timeout(
    `Cannot find the card of SDWire ${describeUsb(device)}: expected a disk on the same hub ` +
      `within ${timeoutMs / 1000} s, found none; put a card in, or name the disk by ` +
      "'storage_device' in the driver's config",
  );
}

function severalReaders(place: string, disks: readonly Disk[]): HardwareProblem {
  const candidates = disks.map(({ path, reader }) => `${path} at ${reader.split("/").at(-1)}`);
  return new HardwareProblem(
    "ambiguous",
    `Cannot choose the disk of the SDWire at ${place}: expected one on the same hub, found ` +
      `${candidates.join(", ")}; name it by 'storage_device' in the driver's config`,
    { candidates },
  );
}
