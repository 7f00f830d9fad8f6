/** Yepkit's switchable USB hubs: power for what hangs on a port. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { POWER_CLIENT } from "../../src/hardware/power.ts";

/** A port may be written as a number, which the official driver refuses. */
const asText = (value: unknown) => typeof value === "number" ? String(value) : value;

const config = z.strictObject({
  serial: z.string().nullable().default(null),
  default: z.enum(["on", "off", "keep"]).default("off"),
  port: z.preprocess(asText, z.enum(["1", "2", "3", "all"])).default("all"),
});

/** @see ykush */
export type YkushConfig = z.output<typeof config>;

/** A port of a YKUSH or YKUSH3, or all of its ports. */
export const ykush = declareDriver({
  type: "jumpstarter_driver_yepkit.driver.Ykush",
  client: POWER_CLIENT,
  config,
  discoverable: true,
  load: () => import("./ykush.ts"),
});
