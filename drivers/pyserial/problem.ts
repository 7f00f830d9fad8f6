/** What is wrong with a device, in words that help. @module */
import { DeviceError, messageOf } from "../../src/driver/mod.ts";
import { findHolder, groupName } from "./holder.ts";
import { LibcError } from "./libc.ts";

/** Mode bits of a device that its group may use. */
const GROUP_RW = 0o060;

/** The error of a failed attempt to open `path`. */
export async function openProblem(path: string, cause: unknown): Promise<DeviceError> {
  const code = cause instanceof LibcError ? cause.code : undefined;
  return new DeviceError(`Cannot open ${path}: ${await explain(path, code, cause)}`, { cause });
}

async function explain(path: string, code: string | undefined, cause: unknown): Promise<string> {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `expected a serial device, found nothing at this path (${code}); ` +
        "plug it in, or correct 'url' in the driver's config (see /dev/serial/by-id)";
    case "ENXIO":
    case "ENODEV":
      return `expected a serial device, found a name without a device (${code}); plug it in again`;
    case "EACCES":
    case "EPERM":
      return await explainPermission(path, code);
    case "EBUSY":
    case "EAGAIN":
      return await explainBusy(path, code);
    case "ENOTTY":
    case "EISDIR":
    case "EINVAL":
      return `expected a serial device, found something else (${code}); ` +
        "correct 'url' in the driver's config (see /dev/serial/by-id)";
    case "EIO":
      return "expected a serial device, found one that does not answer (EIO); " +
        "unplug it and plug it in again";
    default:
      return `expected a serial device, found ${messageOf(cause)}; check the device and its cable`;
  }
}

async function explainPermission(path: string, code: string): Promise<string> {
  const user = `user ${Deno.uid() ?? "?"}`;
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) return `expected access for ${user}, found permission denied (${code})`;
  const group = await groupName(info.gid ?? 0);
  const mode = (info.mode ?? 0) & 0o777;
  const advice = (mode & GROUP_RW) === GROUP_RW
    ? `add the exporter's user to the group '${group}' and start the exporter again`
    : "let a udev rule give it to a group that the exporter's user is in";
  return `expected read and write access for ${user}, found mode ` +
    `${mode.toString(8).padStart(3, "0")}, group '${group}' (${code}); ${advice}`;
}

async function explainBusy(path: string, code: string): Promise<string> {
  const holder = await findHolder(path);
  if (!holder) {
    return `expected to have it alone, found it locked by another program (${code}); ` +
      `find it with 'fuser -v ${path}' as root, and end it`;
  }
  const who = holder.pid === Deno.pid
    ? "another driver or lease of this exporter"
    : `process ${holder.pid} (${holder.command})`;
  return `expected to have it alone, found it locked, and open in ${who} (${code}); end that first`;
}

/** Why a modem line could not be set. */
export function lineProblem(line: "DTR" | "RTS", path: string, cause: unknown): DeviceError {
  const found = cause instanceof LibcError && ["ENOTTY", "EINVAL"].includes(cause.code)
    ? `a device without modem lines, such as a pty (${cause.code}); use a real serial port for it`
    : `${messageOf(cause)}; check the device and its cable`;
  return new DeviceError(`Cannot set ${line} of ${path}: expected a modem line, found ${found}`, {
    cause,
  });
}
