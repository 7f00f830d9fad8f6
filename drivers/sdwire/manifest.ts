/** SDWire: a card that hangs on the exporter's host or on the board. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { config } from "./config.ts";

/** Finds its device anew at each call, so that it may be plugged in again between two of them. */
export const sdwire = declareDriver({
  type: "jumpstarter_driver_sdwire.driver.SDWire",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config,
  discoverable: true,
  load: () => import("./sdwire.ts"),
});
