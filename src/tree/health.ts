/** The health of the drivers of a lease, which clients ask for. @module */
import { fulfilledWithin } from "../base/deadline.ts";
import type { Driver } from "../driver/driver.ts";
import { asDriver } from "../driver/methods.ts";
import { messageOf } from "../wire/error.ts";
import { type DriverHealth, HEALTH_METHOD, type HealthReport } from "../wire/health.ts";
import type { DriverNode } from "./node.ts";

/** How long the answer waits for drivers that are opening, in ms. */
const WAIT_MS = 2_000;

/** Remembers the last state of each driver. */
export class TreeHealth {
  readonly #drivers = new Map<string, DriverHealth>();

  /** Records the state of a driver, with the reason if it is degraded. */
  note({ uuid }: DriverNode, state: DriverHealth["state"] | "closed", reason?: unknown): void {
    if (state === "closed") this.#drivers.delete(uuid);
    else if (state === "degraded") this.#drivers.set(uuid, { state, reason: messageOf(reason) });
    else this.#drivers.set(uuid, { state });
  }

  /** Whether the last state of a driver is `degraded`. */
  isDegraded({ uuid }: DriverNode): boolean {
    return this.#drivers.get(uuid)?.state === "degraded";
  }

  /**
   * The root composite, which cannot fail to open. Its only method tells the health of all drivers.
   *
   * @param settled resolves when no driver is opening
   */
  asRoot(settled: () => Promise<unknown>): Driver {
    const health = async (): Promise<HealthReport> => {
      await fulfilledWithin(WAIT_MS, settled());
      return Object.fromEntries(this.#drivers);
    };
    return asDriver({ calls: { [HEALTH_METHOD]: health } }, "'' ()");
  }
}
