/** Power switches without hardware, for trials and tests. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { POWER_CLIENT, POWER_METHODS } from "../../src/hardware/power.ts";

/** The mock that the official package implements with asynchronous methods. */
export const mockPower = declareDriver({
  type: "jumpstarter_driver_power.driver.MockPower",
  client: POWER_CLIENT,
  summary: "a power switch without hardware, which logs its commands",
  config: z.object({}),
  methods: POWER_METHODS,
  load: () => import("./mock.ts"),
});

/**
 * The mock that the official package implements with blocking methods; here the two are the same.
 */
export const syncMockPower = declareDriver({
  type: "jumpstarter_driver_power.driver.SyncMockPower",
  client: POWER_CLIENT,
  summary: "the same power switch, under the name of the official blocking variant",
  config: z.object({}),
  methods: POWER_METHODS,
  load: () => import("./mock.ts"),
});
