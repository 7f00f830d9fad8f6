/** Problems with the host's devices, and messages that name the remedy. @module */
import { DeviceError } from "../wire/error.ts";
import { groupName } from "../files/accounts.ts";
import { findHolder } from "./holder.ts";

/** The state of a faulty device as `jmp check` reports it. */
export type HardwareState = "missing" | "no permission" | "busy" | "ambiguous" | "failed";

/** Details of a {@linkcode HardwareProblem}. */
export interface HardwareProblemOptions extends ErrorOptions {
  /** The devices that the config could name. */
  readonly candidates?: readonly string[];
  /** Whether the driver works anyway, because it chose a device itself. @default false */
  readonly usable?: boolean;
}

/** A device that is missing, not permitted, busy, ambiguous or faulty. */
export class HardwareProblem extends DeviceError {
  override name = "HardwareProblem";
  readonly candidates: readonly string[];
  readonly usable: boolean;

  constructor(
    readonly state: HardwareState,
    message: string,
    { candidates = [], usable = false, ...options }: HardwareProblemOptions = {},
  ) {
    super(message, options);
    this.candidates = candidates;
    this.usable = usable;
  }
}

/** Mode bits that let the group read and write. */
const GROUP_RW = 0o060;

/**
 * Explains why this process may not use `path`, and how to change that.
 *
 * @param rule the udev rule that gives the device to a group, if one is known.
 */
export async function explainPermission(
  path: string,
  code: string,
  rule?: string,
): Promise<string> {
  const user = `user ${Deno.uid() ?? "?"}`;
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) return `expected access for ${user}, found permission denied (${code})`;
  const group = await groupName(info.gid ?? 0);
  const mode = (info.mode ?? 0) & 0o777;
  const shared = (mode & GROUP_RW) === GROUP_RW && info.gid !== 0;
  const advice = shared
    ? `add the exporter's user to the group '${group}' and start the exporter again`
    : rule === undefined
    ? "add a udev rule that gives it to a group of the exporter's user"
    : `add this udev rule, run 'udevadm control --reload' and 'udevadm trigger', and add the ` +
      `exporter's user to the rule's group: ${rule}`;
  return `expected read and write access for ${user}, found mode ` +
    `${mode.toString(8).padStart(3, "0")}, group '${group}' (${code}); ${advice}`;
}

/** Names the process that has `path` open, and the remedy. */
export async function explainBusy(path: string, code: string): Promise<string> {
  const holder = await findHolder(path);
  if (!holder) {
    return `expected exclusive access, but another program has locked it (${code}); ` +
      `find that program with 'fuser -v ${path}' as root, and stop it`;
  }
  const [who, verb] = holder.pid === Deno.pid
    ? ["another driver or lease of this exporter", "close"]
    : [`process ${holder.pid} (${holder.command})`, "stop"];
  return `expected exclusive access, but ${who} has it open (${code}); ${verb} it first`;
}
