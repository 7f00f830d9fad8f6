/** SDWire: an SD card that is connected to the exporter's host or to the board. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { config } from "./config.ts";

/**
 * Finds its device at each call, so that it may be unplugged and plugged in again between calls.
 */
export const sdwire = declareDriver({
  type: "jumpstarter_driver_sdwire.driver.SDWire",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config,
  discoverable: true,
  load: () => import("./sdwire.ts"),
});
