/** The call by which an exporter of this project reports the health of its drivers. @module */

/**
 * A method of the root of the drivers. It has no arguments, and returns a {@linkcode HealthReport}.
 * Official clients never call the root, and official exporters answer NOT_FOUND.
 */
export const HEALTH_METHOD = "jumpstarter.dev/health";

/** Whether a driver works. */
export interface DriverHealth {
  readonly state: "opening" | "open" | "degraded";
  /** Why it is degraded. */
  readonly reason?: string;
}

/** The drivers of an exporter, by uuid. */
export type HealthReport = Readonly<Record<string, DriverHealth>>;
