/** SDWire: an SD card that is connected to the exporter's host or to the board. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { config } from "./config.ts";

/**
 * Finds its device at each call, so that it may be unplugged and plugged in again between calls.
 */
export const sdwire = declareDriver({
  type: "jumpstarter_driver_sdwire.driver.SDWire",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  summary: "an SD card that is connected to the host or to the board: SDWire, SDWireC",
  config,
  methods: {
    calls: {
      "host()": "connects the card to the exporter's host",
      "dut()": "connects the card to the board",
      "off()": "connects the card to the exporter's host",
      "write(image: handle)": "connects the card to the host and writes the client's image",
      "read(image: handle)": "connects the card to the host and sends its content",
    },
  },
  discoverable: true,
  load: () => import("./sdwire.ts"),
});
