/** Problems with serial devices, with messages that name the remedy. @module */
import {
  DeviceError,
  explainBusy,
  explainPermission,
  HardwareProblem,
  type HardwareState,
  messageOf,
} from "../../src/driver/mod.ts";
import { hasErrno, type SystemError } from "../../src/libc/libc.ts";

/** The error of a failed attempt to open `path`. */
export async function openProblem(path: string, cause: unknown): Promise<HardwareProblem> {
  const { code } = cause as { code?: unknown };
  const [state, explanation] = await explain(path, code, cause);
  return new HardwareProblem(state, `Cannot open ${path}: ${explanation}`, { cause });
}

async function explain(
  path: string,
  code: unknown,
  cause: unknown,
): Promise<[HardwareState, string]> {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return [
        "missing",
        `expected a serial device, found nothing at this path (${code}); ` +
        "plug it in, or correct 'url' in the driver's config (see /dev/serial/by-id)",
      ];
    case "ENXIO":
    case "ENODEV":
      return [
        "missing",
        `expected a serial device, found a name without a device (${code}); plug it in again`,
      ];
    case "EACCES":
    case "EPERM":
      return ["no permission", await explainPermission(path, code)];
    case "EBUSY":
    case "EAGAIN":
      return ["busy", await explainBusy(path, code)];
    case "ENOTTY":
    case "EISDIR":
    case "EINVAL":
      return [
        "failed",
        `expected a serial device, found something else (${code}); ` +
        "correct 'url' in the driver's config (see /dev/serial/by-id)",
      ];
    case "EIO":
      return [
        "failed",
        "expected a serial device, found one that does not answer (EIO); " +
        "unplug it and plug it in again",
      ];
    default:
      return [
        "failed",
        `expected a serial device, found ${messageOf(cause)}; check the device and its cable`,
      ];
  }
}

/** The error for a line that could not be set; `line` is its key in `LineStates`. */
export function lineProblem(line: string, path: string, cause: unknown): DeviceError {
  const name = line === "brk" ? "a break" : line.toUpperCase();
  const found = hasErrno(cause, "ENOTTY", "EINVAL")
    ? `a device without modem lines, such as a pty (${(cause as SystemError).code}); ` +
      "use a real serial port for it"
    : `${messageOf(cause)}; check the device and its cable`;
  return new DeviceError(`Cannot set ${name} of ${path}: expected a modem line, found ${found}`, {
    cause,
  });
}
