/** From the `type:` of an entry to the driver that answers to it. @module */
import type { DriverManifest } from "../../driver/manifest.ts";
import type { UnavailableDriver } from "../../tree/entry.ts";
import type { DriverLoader } from "../../tree/loader.ts";
import { DriverError, NotSupported } from "../../wire/error.ts";
import { KNOWN_TYPES } from "./official_types.ts";
import { didYouMean } from "../../text/nearest.ts";

/** Where drivers can come from. */
export interface DriverSources {
  /** The drivers in this binary, by type. */
  readonly registry: ReadonlyMap<string, DriverManifest>;
  /** The drivers of the site. */
  readonly loader: DriverLoader;
}

/** The driver of `type`, or why it is not available: the exporter starts without it. */
export async function resolveType(
  type: string,
  file: string,
  { registry, loader }: DriverSources,
): Promise<DriverManifest | UnavailableDriver> {
  const found = registry.get(type) ?? await loader.find(type, file);
  if (found && !(found instanceof DriverError)) return found;
  const client = KNOWN_TYPES.get(type);
  const unavailable = found ?? new NotSupported(reason(type, registry.keys()));
  return { unavailable, ...(client && { client }) };
}

/** Whether `type` names a file: `./relay.ts#Relay`, `/opt/relay.ts`, `file:///opt/relay.ts`. */
export function isFileType(type: string): boolean {
  return /^(?:\.{0,2}\/|file:)/.test(type);
}

/** `; did you mean …?` for a type that is none, or the empty string. */
export function suggestType(type: string, registered: Iterable<string>): string {
  const types = [...new Set([...registered, ...KNOWN_TYPES.keys()])];
  const wanted = className(type);
  const sameClass = types.find((candidate) => className(candidate) === wanted);
  return sameClass ? `; did you mean '${sameClass}'?` : didYouMean(type, types);
}

function reason(type: string, registered: Iterable<string>): string {
  if (KNOWN_TYPES.has(type)) return `the driver '${type}' is not in this version of jmp`;
  return `expected the type of a driver, found '${type}', which no driver answers to` +
    suggestType(type, registered);
}

function className(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1).toLowerCase();
}
