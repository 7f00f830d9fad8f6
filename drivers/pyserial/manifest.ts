/** A serial port: a device of this host, a console server's TCP port, or a loop. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { config } from "./config.ts";

/** Opens the device when a client connects, and closes it when the last one leaves. */
export const pyserial = declareDriver({
  type: "jumpstarter_driver_pyserial.driver.PySerial",
  client: "jumpstarter_driver_pyserial.client.PySerialClient",
  config,
  discoverable: true,
  load: () => import("./driver.ts"),
});
