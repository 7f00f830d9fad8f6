/** Custom drivers: one file each, in a worker of its own. @module */
export {
  CustomDrivers,
  type CustomDriversOptions,
  type DescribedCustomDriver,
} from "./custom_drivers.ts";

/** The argument of the functions that a driver file exports, for authors who use types. */
export type Sdk = typeof import("../../driver/mod.ts");
