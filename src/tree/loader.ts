/** The interface to drivers that are not built in. @module */
import type { DriverError } from "../wire/error.ts";
import type { DriverManifest } from "../driver/manifest.ts";

/** Finds custom drivers. */
export interface DriverLoader {
  /**
   * Finds the driver of `type` (a dotted name, or `./file.ts#Name` relative to the folder of
   * `configFile`). Returns the reason if the driver is not available, and undefined if the type is
   * unknown. Never throws, and takes a few seconds at most.
   */
  find(type: string, configFile: string): Promise<DriverManifest | DriverError | undefined>;
}
