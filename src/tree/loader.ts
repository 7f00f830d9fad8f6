/** Where drivers come from that are not in the binary. @module */
import type { DriverError } from "../wire/error.ts";
import type { DriverFactory } from "../driver/driver.ts";

/** Finds the drivers that a site brings along. */
export interface DriverLoader {
  /**
   * The factory that answers to `type` (a dotted name, or `./file.ts#Name` relative to
   * the folder of `configFile`), why it cannot be had, or undefined where nothing is
   * known of it. Never throws and never takes longer than a few seconds.
   */
  find(type: string, configFile: string): Promise<DriverFactory | DriverError | undefined>;
}
