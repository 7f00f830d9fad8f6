/** The errors of drivers that cannot be called. @module */
import { HardwareProblem } from "../driver/hardware_problem.ts";
import { Code, codeOf, DriverError, InvalidArgument, messageOf } from "../wire/error.ts";
import type { DriverNode, PendingSource } from "./node.ts";

/** The error for a uuid that no driver has. */
export function unknownDriver(uuid: string): DriverError {
  const wellFormed = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(uuid);
  return new DriverError(
    wellFormed
      ? `no driver of this exporter has UUID('${uuid}')`
      : `'${uuid}' is not a driver's uuid: badly formed hexadecimal UUID string`,
  );
}

/** The error for a reference to a driver that its process has not reported. */
export function notReported({ owner, ref }: PendingSource): DriverError {
  return new DriverError(`'${owner}' has no driver '${ref}'; correct the reference`);
}

/** Has the code of its cause; the message names the driver and the reason. */
class DegradedError extends DriverError {
  override name = "DegradedError";
  override readonly code: Code;
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    // Here an invalid argument comes from the config, not from the client.
    const code = codeOf(cause);
    this.code = cause instanceof InvalidArgument || code === Code.CANCELLED ? Code.INTERNAL : code;
  }
}

/** The error of every call of a driver that could not be opened because of `cause`. */
export function degraded(node: DriverNode, cause: unknown): DriverError {
  return new DegradedError(`driver '${node.path}' is not available: ${messageOf(cause)}`, cause);
}

/** Whether a driver works in spite of `problem`. */
export function isUsable(problem: unknown): boolean {
  return problem instanceof HardwareProblem && problem.usable;
}

/** The line of the log about the problem of a driver. */
export function problemLine({ path }: DriverNode, problem: unknown): string {
  return `Driver '${path}'${isUsable(problem) ? "" : " is degraded"}: ${messageOf(problem)}`;
}
