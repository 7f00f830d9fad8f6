/** What can be wrong with a device of this host, in words that help. @module */
import { DeviceError } from "../wire/error.ts";
import { findHolder, groupName } from "./holder.ts";

/** What `jmp check` says of a device that is not all right. */
export type HardwareState = "missing" | "no permission" | "busy" | "ambiguous" | "failed";

/** What is known of a {@linkcode HardwareProblem} besides its message. */
export interface HardwareProblemOptions extends ErrorOptions {
  /** What the config may mean, where it means several devices. */
  readonly candidates?: readonly string[];
  /** Whether the driver works all the same, by a choice of its own. @default false */
  readonly usable?: boolean;
}

/** A device that is missing, forbidden, in other hands, or one of several. */
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

/** Mode bits of a device that its group may use. */
const GROUP_RW = 0o060;

/**
 * What stands in the way of this process at `path`, and how to clear it.
 *
 * @param rule the udev rule that gives the device to a group, where one is known.
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
    ? "let a udev rule give it to a group that the exporter's user is in"
    : `add this udev rule, run 'udevadm control --reload' and 'udevadm trigger', and add the ` +
      `exporter's user to the rule's group: ${rule}`;
  return `expected read and write access for ${user}, found mode ` +
    `${mode.toString(8).padStart(3, "0")}, group '${group}' (${code}); ${advice}`;
}

/** Who has `path` open, and what to do about it. */
export async function explainBusy(path: string, code: string): Promise<string> {
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
