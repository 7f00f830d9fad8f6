/** The health of the drivers of an exporter. @module */
import { codeOf } from "../wire/error.ts";
import { Code } from "../wire/code.ts";
import { type DriverHealth, HEALTH_METHOD, type HealthReport } from "../wire/health.ts";
import type { DriverClient } from "./driver_client.ts";
import type { CallBounds } from "./session_client.ts";

/** Whether a driver works; unknown if the exporter does not tell. */
export type Health = DriverHealth | { readonly state: "unknown"; readonly reason?: string };

/** How long the answer may take, in ms: an exporter runs its beforeLease hook first. */
const ANSWER_MS = 5_000;

/**
 * Asks for the health of all drivers.
 *
 * @param root as `driverTree` returns it
 * @returns the health of a driver, by its uuid
 * @throws {StatusError} when the connection is lost, and the signal's reason
 */
export async function healthOf(
  root: DriverClient,
  { signal, timeoutMs = ANSWER_MS }: CallBounds = {},
): Promise<(uuid: string) => Health> {
  try {
    const answer: unknown = await root.call(HEALTH_METHOD, [], { signal, timeoutMs });
    const known = new Map(Object.entries((answer ?? {}) as HealthReport));
    return (uuid) => known.get(uuid) ?? { state: "unknown" };
  } catch (error) {
    signal?.throwIfAborted();
    if (codeOf(error) === Code.UNAVAILABLE) throw error;
    return () => ({ state: "unknown" });
  }
}
