/** Finds the users of a block device, for messages. @module */
import { basename } from "node:path";

/** Whether the device is read-only, by sysfs. */
export async function isReadOnly(rdev: number): Promise<boolean> {
  const path = await sysfsPath(rdev);
  return path !== undefined && await text(`${path}/ro`) === "1\n";
}

/**
 * Lists the uses of the device, of its partitions or of the disk that it is a part of:
 * `mounted at /media/card (sdb1)`. Mounts in other mount namespaces are not visible.
 */
export async function usersOf(rdev: number): Promise<string[]> {
  const path = await sysfsPath(rdev);
  if (path === undefined) return [];
  const family = await relatives(path);
  const names = new Set(family.map((relative) => basename(relative)));
  const found = [...await mounts(names), ...await swaps(names)];
  for (const relative of family) found.push(...await holders(relative));
  return found;
}

/** `/sys/devices/…/block/sdb` */
async function sysfsPath(rdev: number): Promise<string | undefined> {
  return await Deno.realPath(`/sys/dev/block/${deviceNumber(rdev)}`).catch(() => undefined);
}

/** `8:16`; dev_t is packed as by glibc. */
function deviceNumber(rdev: number): string {
  const bits = BigInt(rdev);
  const major = (bits >> 8n) & 0xfffn | (bits >> 32n) & ~0xfffn;
  const minor = bits & 0xffn | (bits >> 12n) & ~0xffn;
  return `${major}:${minor}`;
}

/** The device itself, and its partitions or the disk that it is a part of. */
async function relatives(path: string): Promise<string[]> {
  const family = [path];
  if (await text(`${path}/partition`)) return [...family, path.slice(0, path.lastIndexOf("/"))];
  for (const name of await list(path)) {
    if (await text(`${path}/${name}/partition`)) family.push(`${path}/${name}`);
  }
  return family;
}

async function mounts(names: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  for (const line of (await text("/proc/self/mountinfo")).split("\n")) {
    const [, , number, , target] = line.split(" ");
    const source = line.split(" - ")[1]?.split(" ")[1];
    if (!number || !target || !source) continue;
    const path = await Deno.realPath(`/sys/dev/block/${number}`).catch(() => source);
    const name = basename(path);
    if (names.has(name)) found.push(`mounted at ${unescape(target)} (${name})`);
  }
  return found;
}

/** Decodes the octal escapes of blanks in a path. */
function unescape(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

async function swaps(names: ReadonlySet<string>): Promise<string[]> {
  const lines = (await text("/proc/swaps")).split("\n").slice(1);
  const used = lines.map((line) => basename(line.split(/\s/)[0]!));
  return used.filter((name) => names.has(name)).map((name) => `used as swap (${name})`);
}

/** Users by device mapper: RAID, LVM, encryption. */
async function holders(path: string): Promise<string[]> {
  return (await list(`${path}/holders`)).map((name) => `held by ${name} (${basename(path)})`);
}

async function text(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

async function list(path: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
  } catch {
    return [];
  }
}
