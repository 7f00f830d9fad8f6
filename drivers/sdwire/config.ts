/** The config of an SDWire. @module */
import { z } from "../../src/driver/mod.ts";

const seconds = z.number().nonnegative();

/** The keys and values below `config:`. */
export const config = z.strictObject({
  serial: z.string().nullable().default(null),
  usb_path: z.string().nullable().default(null),
  storage_device: z.string().nullable().default(null),
  storage_timeout: seconds.default(10),
  storage_leeway: seconds.default(6),
  storage_fsync_timeout: seconds.default(900),
});

/** @see config */
export type SdWireConfig = z.output<typeof config>;
