/** The config of a serial port. @module */
import { messageOf, z } from "../../src/driver/mod.ts";
import { parseUrl } from "./url.ts";

/** The keys and values below `config:`. */
export const config = z.strictObject({
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

/** @see config */
export type PySerialConfig = z.output<typeof config>;
