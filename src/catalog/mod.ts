/** What drivers there are, and what each of them is: built in, custom, in Python. @module */
import { OFFICIAL_TYPES } from "../config/schema/official_types.ts";
import type { DescribedDriver, DriverPlace, ListedDriver } from "./driver.ts";
import { resolveType } from "./names.ts";

export type { ConfigKey, DescribedDriver, DriverPlace, ListedDriver, Report } from "./driver.ts";
export { customDrivers } from "./custom.ts";
export { exporterSchema } from "./exporter_schema.ts";
export { nativeDrivers } from "./native.ts";
export { programs } from "./program.ts";
export { pythonDrivers } from "./python.ts";
export { sdkTypes } from "./sdk_types.ts";
export { shortType } from "./names.ts";

/** Lists the drivers of all places; of several with one type, that of the first place. */
export async function listDrivers(places: readonly DriverPlace[]): Promise<ListedDriver[]> {
  const lists = await Promise.all(places.map((place) => place.list()));
  const byType = new Map<string, ListedDriver>();
  for (const driver of lists.flat()) if (!byType.has(driver.type)) byType.set(driver.type, driver);
  return [...byType.values()];
}

/**
 * Describes the driver that a type or a short name stands for. Places are asked in their order, so
 * that a slow one is only asked for what the others do not have.
 *
 * @returns the driver, or why there is none.
 */
export async function describeDriver(
  name: string,
  places: readonly DriverPlace[],
): Promise<DescribedDriver | { readonly problem: string }> {
  const isFile = /[/#]|\.(ts|js|mjs)$/.test(name);
  const types: string[] = [];
  for (const place of places) {
    if (!isFile) types.push(...(await place.list()).map(({ type }) => type));
    const resolved = resolveType(name, types);
    // Places may have drivers that they cannot list.
    const isWhole = isFile || name.includes(".");
    const type = resolved.kind === "found" ? resolved.type : isWhole ? name : undefined;
    const found = type === undefined ? undefined : await place.describe(type);
    if (found) return found;
  }
  return { problem: isFile ? `cannot describe ${name}` : missing(name, types) };
}

function missing(name: string, types: readonly string[]): string {
  const resolved = resolveType(name, types);
  // A place that lists a driver, but cannot describe it, has reported why.
  if (resolved.kind === "found") return `cannot describe ${resolved.type}`;
  if (resolved.kind === "ambiguous") return resolved.problem;
  const official = resolveType(name, [...OFFICIAL_TYPES.keys()]);
  if (official.kind !== "found") return resolved.problem;
  return `${official.type} is an official Python driver that is not installed here; ` +
    `'jmp driver install ${official.type}' installs it`;
}
