/** A power switch without hardware. @module */
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import { powerMethods, type PowerReading } from "../../src/hardware/power.ts";

/** The readings of the official mocks. */
const READINGS: readonly PowerReading[] = [
  { voltage: 0, current: 0 },
  { voltage: 5, current: 2 },
];

/** Opens a switch that logs each command. */
export function open({ log }: OpenContext<unknown>): Methods {
  return powerMethods({
    on: () => log.info("power on"),
    off: () => log.info("power off"),
    read: () => READINGS,
  });
}
