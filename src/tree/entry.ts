/**
 * The entries of `export:` once the config has been read: types resolved to drivers whose code is
 * loaded, config blocks parsed.
 *
 * @module
 */
import type { DriverError } from "../wire/error.ts";
import type { DriverImplementation, DriverManifest } from "../driver/manifest.ts";

/** The dotted types that the tree itself understands. */
export const COMPOSITE_TYPE = "jumpstarter_driver_composite.driver.Composite";
/** @see COMPOSITE_TYPE */
export const PROXY_TYPE = "jumpstarter_driver_composite.driver.Proxy";

/** An entry that stands for a driver of its own. */
export interface DriverEntry {
  readonly kind: "driver";
  readonly name: string;
  /** As written, or the composite type where none was. */
  readonly type: string;
  /** The driver with its parsed config, or why there is none. */
  readonly source: DriverSource;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
  /** Labels and uuid that the config gives, rarely. */
  readonly labels: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly children: readonly Entry[];
}

/** A driver that can be opened: in this thread, in a worker or in another process. */
export interface LoadedDriver {
  readonly manifest: DriverManifest;
  readonly implementation: DriverImplementation<unknown>;
  /** What the manifest's schema made of `config:`. */
  readonly config: unknown;
}

/** A driver that is not available, whatever becomes of its hardware. */
export interface UnavailableDriver {
  /** Why. */
  readonly unavailable: DriverError;
  /** The official client of the type, where it is known: clients still see what it is. */
  readonly client?: string;
}

/** Where the driver of an entry comes from. */
export type DriverSource = LoadedDriver | UnavailableDriver;

/** An entry that repeats another one, by the dotted path from the root. */
export interface ProxyEntry {
  readonly kind: "proxy";
  readonly name: string;
  readonly ref: string;
}

/** One entry of `export:` or of a `children:` block. */
export type Entry = DriverEntry | ProxyEntry;
