/** The drivers in this binary. @module */
import type { DriverManifest } from "../src/driver/mod.ts";
import * as families from "./families.ts";

/** Every built-in driver, from the manifests of the families. */
export const manifests: readonly DriverManifest[] = Object.values(families).flatMap(
  (family: Readonly<Record<string, DriverManifest>>) => Object.values(family),
);
