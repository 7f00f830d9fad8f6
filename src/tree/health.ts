/** The health of the drivers of a lease, which clients ask for. @module */
import { messageOf } from "../wire/error.ts";
import type { DriverHealth, HealthReport } from "../wire/health.ts";
import type { DriverNode } from "./node.ts";

/** Remembers the last state of each driver. */
export class TreeHealth {
  readonly #drivers = new Map<string, DriverHealth>();

  /** Takes in a driver's state, with the reason if it is degraded. */
  note({ uuid }: DriverNode, state: DriverHealth["state"] | "closed", reason?: unknown): void {
    if (state === "closed") this.#drivers.delete(uuid);
    else if (state === "degraded") this.#drivers.set(uuid, { state, reason: messageOf(reason) });
    else this.#drivers.set(uuid, { state });
  }

  /** All drivers, by uuid. */
  get report(): HealthReport {
    return Object.fromEntries(this.#drivers);
  }
}
