/**
 * The entries of `export:` once the config has been read: types resolved to
 * factories, config blocks parsed.
 *
 * @module
 */
import type { DriverError } from "../wire/error.ts";
import type { DriverFactory } from "../driver/driver.ts";

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
  /** The factory with its parsed config, or why there is none. */
  readonly source: DriverSource;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
  /** Labels and uuid that the config gives, rarely. */
  readonly labels: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly children: readonly Entry[];
}

/** A driver that can be opened, or the reason why it cannot be had at all. */
export type DriverSource =
  | { readonly factory: DriverFactory; readonly config: unknown }
  | {
    readonly unavailable: DriverError;
    /** The official client of the type, where it is known: clients still see what it is. */
    readonly client?: string;
  };

/** An entry that repeats another one, by the dotted path from the root. */
export interface ProxyEntry {
  readonly kind: "proxy";
  readonly name: string;
  readonly ref: string;
}

/** One entry of `export:` or of a `children:` block. */
export type Entry = DriverEntry | ProxyEntry;
