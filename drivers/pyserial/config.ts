/** The config of a serial port. @module */
import { laxBoolean, laxInteger, laxNumber, messageOf, z } from "../../src/driver/mod.ts";
import { parseUrl } from "./url.ts";

/** The keys and values below `config:`. */
export const config = z.strictObject({
  url: z.string().superRefine((url, context) => {
    try {
      parseUrl(url);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  }).describe("path of a device, or hwgrep://, socket://, rfc2217:// or loop://")
    .meta({ examples: ["/dev/ttyUSB0"] }),
  baudrate: laxInteger(z.int().positive()).default(115200).describe("bits per second"),
  check_present: laxBoolean.default(true)
    .describe("whether 'jmp check' looks for the device"),
  cps: laxNumber(z.number().nullable()).default(null)
    .describe("most bytes per second that are sent to the device; null: no limit"),
  disable_hupcl: laxBoolean.default(false)
    .describe("whether DTR and RTS stay as they are when the port is closed"),
});

/** @see config */
export type PySerialConfig = z.output<typeof config>;
