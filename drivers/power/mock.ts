/** Power switches that switch nothing, for trying things out and for tests. @module */
import { defineDriver, type Driver, type DriverLog, z } from "../../src/driver/mod.ts";

const client = "jumpstarter_driver_power.client.PowerClient";

/** What the official mocks report: first nothing, then a plausible load, in volts and amperes. */
const READINGS = [{ voltage: 0, current: 0 }, { voltage: 5, current: 2 }];

function open({ log }: { log: DriverLog }): Driver {
  return {
    calls: {
      on: () => log.info("power on"),
      off: () => log.info("power off"),
    },
    streams: { read: () => READINGS },
  };
}

/** The mock that upstream implements with asynchronous methods. */
export const mockPower = defineDriver({
  type: "jumpstarter_driver_power.driver.MockPower",
  client,
  config: z.strictObject({}),
  open,
});

/** The mock that upstream implements with blocking methods; here the two are alike. */
export const syncMockPower = defineDriver({
  type: "jumpstarter_driver_power.driver.SyncMockPower",
  client,
  config: z.strictObject({}),
  open,
});
