/** Yepkit's USB hubs, whose ports can be switched. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { POWER_CLIENT, POWER_METHODS } from "../../src/hardware/power.ts";
import { config } from "./config.ts";

/** A port of a YKUSH or YKUSH3, or all of its ports. */
export const ykush = declareDriver({
  type: "jumpstarter_driver_yepkit.driver.Ykush",
  client: POWER_CLIENT,
  summary: "a port of a switchable USB hub: YKUSH, YKUSH3",
  config,
  methods: {
    calls: { ...POWER_METHODS.calls, "read()": "fails, because the hub has no meter" },
    streams: { "read()": "fails, because the hub has no meter" },
  },
  discoverable: true,
  load: () => import("./ykush.ts"),
});
