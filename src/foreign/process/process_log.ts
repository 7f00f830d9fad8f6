/** Passes records of a process to the logs of its drivers. @module */
import type { StartOptions } from "../../tree/driver_process.ts";

/** The severities of records, in ascending order. */
export const SEVERITIES = ["debug", "info", "warning", "error", "critical"] as const;
/** @see SEVERITIES */
export type Severity = typeof SEVERITIES[number];

/** Writes a message to the log of the driver at `path`; of the process, if there is none. */
export function writeRecord(
  { log }: Pick<StartOptions, "log">,
  path: string | undefined,
  severity: Severity,
  message: string,
): void {
  log(path)[severity === "critical" ? "error" : severity](message);
}
