/** A power switch that switches nothing. @module */
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import { powerMethods, type PowerReading } from "../../src/hardware/power.ts";

/** What the official mocks report: first nothing, then a plausible load. */
const READINGS: readonly PowerReading[] = [
  { voltage: 0, current: 0 },
  { voltage: 5, current: 2 },
];

/** Opens the switch: it logs what it is told. */
export function open({ log }: OpenContext<unknown>): Methods {
  return powerMethods({
    on: () => log.info("power on"),
    off: () => log.info("power off"),
    read: () => READINGS,
  });
}
