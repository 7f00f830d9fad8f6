/** The config of an SDWire. @module */
import { laxNumber, z } from "../../src/driver/mod.ts";

const seconds = laxNumber(z.number().nonnegative());

/** The keys and values below `config:`. */
export const config = z.strictObject({
  serial: z.string().nullable().default(null)
    .describe("serial number of the device; null: the only SDWire that is plugged in"),
  usb_path: z.string().nullable().default(null)
    .describe("place on the USB bus, such as 1-1.4, for a device without a serial number"),
  storage_device: z.string().nullable().default(null)
    .describe("path of the card's disk; null: the disk on the same USB hub"),
  storage_timeout: seconds.default(10).describe("seconds to wait for the card"),
  storage_leeway: seconds.default(6)
    .describe("seconds to wait after a write before the card is switched"),
  storage_allow_empty: z.boolean().default(false)
    .describe("whether an image of 0 bytes is accepted, which changes nothing"),
  storage_fsync_timeout: seconds.default(900)
    .describe("seconds until everything must be stored"),
});

/** @see config */
export type SdWireConfig = z.output<typeof config>;
