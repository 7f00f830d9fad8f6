/** Giving a lease back to the controller. @module */
import { Code } from "../wire/code.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { ControllerClient } from "./client.ts";
import { type RetryOptions, untilDone } from "./retry.ts";

/** With these an old controller refuses exporters that call ReleaseLease. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  Code.PERMISSION_DENIED,
  Code.INVALID_ARGUMENT,
  Code.UNAUTHENTICATED,
  Code.UNIMPLEMENTED,
]);

/** With these a controller says that there is nothing left to release. */
const GONE: ReadonlySet<unknown> = new Set([Code.NOT_FOUND, Code.FAILED_PRECONDITION]);

/**
 * Releases `lease` until the controller has understood, or the signal aborts. A
 * controller that refuses ReleaseLease is asked by a status report instead, with a
 * status that draws no new lease: a repeated report would end that one, too.
 */
export async function releaseLease(
  client: ControllerClient,
  lease: string,
  options: RetryOptions,
): Promise<void> {
  await untilDone(async () => {
    try {
      await client.releaseLease(lease, options.signal);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (GONE.has(code)) return;
      if (!REFUSALS.has(code)) throw error;
      await reportRelease(client, options);
    }
  }, options);
}

/** A controller that takes no reports either has no way to be told; its lease runs out. */
async function reportRelease(client: ControllerClient, options: RetryOptions): Promise<void> {
  const status = ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK;
  const message = "Lease released by the exporter";
  try {
    await client.reportStatus({ status, message, releaseLease: true }, options.signal);
  } catch (error) {
    if ((error as { code?: unknown }).code !== Code.UNIMPLEMENTED) throw error;
    options.log.warning("the controller takes no releases; the lease ends when its time is over");
  }
}
