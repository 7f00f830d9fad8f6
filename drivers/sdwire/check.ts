/** Checks the card's disk without opening it. @module */
import { explainPermission, HardwareProblem } from "../../src/driver/mod.ts";
import { describeUsb } from "../../src/hardware/usb/mod.ts";
import { usersOf } from "../../src/hardware/storage/users.ts";
import { findDisk } from "./disk.ts";
import type { SdWire } from "./find.ts";

/**
 * Checks that the disk may be used. @param configured the disk that the config names, which may
 * appear only with the card.
 * @throws {HardwareProblem} if it is missing, not permitted or in use.
 */
export async function checkDisk(sdWire: SdWire, configured: string | null): Promise<void> {
  const path = configured ?? await findDisk(sdWire);
  if (path === undefined) throw missing(sdWire);
  const info = await Deno.stat(path).catch(() => undefined);
  // No disk is no problem: a reader without a card may have none, and the card may be connected to
  // the board.
  if (!info) return;
  if (!await mayUse(info)) {
    const advice = await explainPermission(path, "EACCES", await udevRule(path));
    throw new HardwareProblem("no permission", `Cannot use the card ${path}: ${advice}`);
  }
  const users = await usersOf(info.rdev ?? 0);
  if (users.length > 0) {
    throw new HardwareProblem(
      "busy",
      `Cannot use the card ${path}: expected an unused disk, found it ` +
        `${users.join(", ")}; unmount or release it first`,
    );
  }
}

/** Checks the mode only, because opening a disk for writing makes udev scan it again. */
async function mayUse({ mode, uid, gid }: Deno.FileInfo): Promise<boolean> {
  const user = Deno.uid();
  if (user === 0 || mode === null) return true;
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const groups = (/^Groups:\s*(.*)$/m.exec(status)?.[1] ?? "").split(" ").map(Number);
  const shift = user === uid ? 6 : gid === Deno.gid() || groups.includes(gid ?? -1) ? 3 : 0;
  return ((mode >> shift) & 6) === 6;
}

/** The udev rule for this USB port, because other readers have the same identity. */
async function udevRule(path: string): Promise<string> {
  const name = (await Deno.realPath(path)).split("/").at(-1);
  const folder = await Deno.realPath(`/sys/class/block/${name}`).catch(() => "");
  const [, place = "1-1"] = /\/([^/]+):\d+\.\d+\/host\d/.exec(folder) ?? [];
  return `SUBSYSTEM=="block", KERNELS=="${place}", SUBSYSTEMS=="usb", GROUP="plugdev", MODE="0660"`;
}

function missing({ device }: SdWire): HardwareProblem {
  return new HardwareProblem(
    "missing",
    `Cannot find the card of SDWire ${describeUsb(device)}: expected a disk on the same hub, ` +
      "found none; check its cable, or name the disk by 'storage_device' in the driver's config",
  );
}
