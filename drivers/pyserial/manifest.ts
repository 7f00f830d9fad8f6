/** A serial port: a device of this host, a console server's TCP port, or a loop. @module */
import { declareDriver, messageOf, z } from "../../src/driver/mod.ts";
import { parseUrl } from "./url.ts";

const config = z.strictObject({
  url: z.string().superRefine((url, context) => {
    try {
      parseUrl(url);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  }),
  baudrate: z.int().positive().default(115200),
  check_present: z.boolean().default(true),
  cps: z.number().nullable().default(null),
  disable_hupcl: z.boolean().default(false),
});

/** @see pyserial */
export type PySerialConfig = z.output<typeof config>;

/** Opens the device when a client connects, and closes it when the last one leaves. */
export const pyserial = declareDriver({
  type: "jumpstarter_driver_pyserial.driver.PySerial",
  client: "jumpstarter_driver_pyserial.client.PySerialClient",
  config,
  discoverable: true,
  load: () => import("./driver.ts"),
});
