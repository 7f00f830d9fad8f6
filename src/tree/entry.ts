/**
 * The entries of `export:` once the config has been read: types resolved to drivers whose code is
 * loaded, config blocks parsed.
 *
 * @module
 */
import type { DriverError } from "../wire/error.ts";
import type { DriverImplementation, DriverManifest } from "../driver/manifest.ts";
import type { DriverProcess } from "./driver_process.ts";

/** The types that the tree itself implements. */
export const COMPOSITE_TYPE = "jumpstarter_driver_composite.driver.Composite";
/** @see COMPOSITE_TYPE */
export const PROXY_TYPE = "jumpstarter_driver_composite.driver.Proxy";

/** An entry that defines a driver. */
export interface DriverEntry {
  readonly kind: "driver";
  readonly name: string;
  /** As written, or the composite type if there was none. */
  readonly type: string;
  /** The driver with its parsed config, or the reason why it is not available. */
  readonly source: DriverSource;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
  /** Labels and uuid from the config; rarely used. */
  readonly labels: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly children: readonly Entry[];
}

/** A driver that can be opened: in this thread, in a worker or in another process. */
export interface LoadedDriver {
  readonly manifest: DriverManifest;
  readonly implementation: DriverImplementation<unknown>;
  /** The output of the manifest's schema for `config:`. */
  readonly config: unknown;
}

/** A driver that is not available, regardless of its hardware. */
export interface UnavailableDriver {
  /** The reason. */
  readonly unavailable: DriverError;
  /** The official client of the type, if it is known, so that clients still see what it is. */
  readonly client?: string;
  /** The value of `config:`, unchecked. */
  readonly config?: unknown;
}

/** A driver that another process serves. */
export interface HostedDriver {
  readonly process: DriverProcess;
  /** The value of `config:`, unchecked. */
  readonly config?: unknown;
  /** The official client of the type, if it is known before the process reports it. */
  readonly client?: string;
}

/** Where the driver of an entry comes from. */
export type DriverSource = LoadedDriver | UnavailableDriver | HostedDriver;

/** An entry that refers to another one by its dotted path from the root. */
export interface ProxyEntry {
  readonly kind: "proxy";
  readonly name: string;
  readonly ref: string;
}

/** One entry of `export:` or of a `children:` block. */
export type Entry = DriverEntry | ProxyEntry;
