/** SDWire: a card that hangs on the exporter's host or on the board. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";

const seconds = z.number().nonnegative();

const config = z.strictObject({
  serial: z.string().nullable().default(null),
  usb_path: z.string().nullable().default(null),
  storage_device: z.string().nullable().default(null),
  storage_timeout: seconds.default(10),
  storage_leeway: seconds.default(6),
  storage_fsync_timeout: seconds.default(900),
});

/** @see sdwire */
export type SdWireConfig = z.output<typeof config>;

/** Finds its device anew at each call, so that it may be plugged in again between two of them. */
export const sdwire = declareDriver({
  type: "jumpstarter_driver_sdwire.driver.SDWire",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config,
  discoverable: true,
  load: () => import("./sdwire.ts"),
});
