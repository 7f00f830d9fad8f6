/** Custom drivers: one file each, in a worker of its own. @module */
export { CustomDrivers, type CustomDriversOptions } from "./custom_drivers.ts";

/** What a driver file gets as its argument; for authors who want types. */
export type Sdk = typeof import("../../driver/mod.ts");
