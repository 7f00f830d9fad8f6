/** From the `type:` of an entry to the driver that answers to it. @module */
import type { DriverFactory } from "../../driver/driver.ts";
import type { DriverLoader } from "../../tree/loader.ts";
import { DriverError, NotSupported } from "../../wire/error.ts";
import { KNOWN_TYPES } from "./official_types.ts";
import { didYouMean } from "../../text/nearest.ts";

/** Where drivers can come from. */
export interface DriverSources {
  /** The drivers in this binary, by type. */
  readonly registry: ReadonlyMap<string, DriverFactory>;
  /** The drivers of the site. */
  readonly loader: DriverLoader;
}

/** A type that cannot be had: the exporter starts without the driver. */
export interface Unavailable {
  readonly unavailable: DriverError;
  /** The official client of the type, where it is an official one. */
  readonly client?: string;
}

/** The factory of `type`, or why there is none. */
export async function resolveType(
  type: string,
  file: string,
  { registry, loader }: DriverSources,
): Promise<DriverFactory | Unavailable> {
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
