/** Where the drivers come from that are not in the binary. @module */
import type { DriverError } from "../wire/error.ts";
import type { DriverManifest } from "../driver/manifest.ts";

/** Finds the drivers that a site brings along. */
export interface DriverLoader {
  /**
   * The driver that answers to `type` (a dotted name, or `./file.ts#Name` relative to
   * the folder of `configFile`), why it is not available, or undefined where nothing is
   * known of it. Never throws and never takes longer than a few seconds.
   */
  find(type: string, configFile: string): Promise<DriverManifest | DriverError | undefined>;
}
