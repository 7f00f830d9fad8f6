/** A serial port: a device of this host, a console server's TCP port, or a loop. @module */
import { declareDriver } from "../../src/driver/mod.ts";
import { config } from "./config.ts";

/** Opens the device when a client connects, and closes it when the last one leaves. */
export const pyserial = declareDriver({
  type: "jumpstarter_driver_pyserial.driver.PySerial",
  client: "jumpstarter_driver_pyserial.client.PySerialClient",
  summary: "a serial port: a device of the host, a port of a console server, or a loop",
  config,
  methods: {
    calls: {
      "close()": "ends all streams and closes the device, so that other tools can open it",
      "flush()": "returns when all that clients have sent is with the device",
      "loss()": "returns why the port was lost, or null if it was not, or is open again",
      "set_dtr(value: boolean)": "sets the DTR line",
      "set_rts(value: boolean)": "sets the RTS line",
      "send_break(seconds?: number)": "holds the line in a break, for 0.25 s by default",
    },
    bytes: {
      "connect()": "opens a console, which all clients of the port share",
      "scrollback()": "does the same, and begins with the last 64 KiB of this lease",
    },
  },
  discoverable: true,
  load: () => import("./driver.ts"),
});
