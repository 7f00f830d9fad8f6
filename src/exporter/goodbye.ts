/** Takes the exporter back from its controller. @module */
import type { ControllerClient } from "../controller/client.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";

/** Limit for OFFLINE and Unregister together, in milliseconds, as in the official exporter. */
const GOODBYE_MS = 10_000;

/**
 * Reports OFFLINE with `message`, and unregisters. Failures are logged.
 *
 * @returns whether the exporter is unregistered.
 */
export async function sayGoodbye(
  client: ControllerClient,
  message: string,
  log: Log,
): Promise<boolean> {
  const signal = AbortSignal.timeout(GOODBYE_MS);
  try {
    await client.reportStatus({
      status: ExporterStatus.EXPORTER_STATUS_OFFLINE,
      message,
      releaseLease: undefined,
    }, signal);
  } catch (error) {
    log.warning(`Cannot report OFFLINE to ${client.endpoint}: ${messageOf(error)}`);
  }
  try {
    await client.unregister("Exporter shutdown", signal);
    return true;
  } catch (error) {
    log.warning(`Cannot unregister at ${client.endpoint}: ${messageOf(error)}`);
    return false;
  }
}
