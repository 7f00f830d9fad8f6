/** The interfaces to drivers that are not built in. @module */
import type { DriverError } from "../wire/error.ts";
import type { DriverManifest } from "../driver/manifest.ts";
import type { Entry, HostedDriver } from "./entry.ts";

/** Finds custom drivers. */
export interface DriverLoader {
  /**
   * Finds the driver of `type` (a dotted name, or `./file.ts#Name` relative to the folder of
   * `configFile`). Returns the reason if the driver is not available, and undefined if the type is
   * unknown. Never throws, and takes a few seconds at most.
   */
  find(type: string, configFile: string): Promise<DriverManifest | DriverError | undefined>;
}

/** An entry of a config whose driver another process may serve. */
export interface HostedEntry {
  readonly type: string;
  /** Names from the root, joined by dots. */
  readonly path: string;
  /** The keys below `export`: `["board", "children", "power"]`. */
  readonly keys: readonly string[];
  /** The entry as the file has it. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** Finds the processes that serve drivers of one config. No process is started. */
export interface ProcessFinder {
  /** The driver of an entry that asks for a process by its type or keys; undefined if it does not. */
  claim(entry: HostedEntry): Promise<HostedDriver | DriverError | undefined>;
  /** The driver of a type that this program does not have; undefined if no process serves any. */
  find(entry: HostedEntry): Promise<HostedDriver | DriverError | undefined>;
  /** The entries of the config once all are read; a process may take over what its drivers use. */
  adopt(entries: readonly Entry[], exported: unknown): Promise<readonly Entry[]>;
}

/** A config whose drivers other processes may serve. */
export interface HostedConfig {
  /** Its path. */
  readonly file: string;
  /** Its text. */
  readonly text: string;
  /** The value of its key `python`: an interpreter, or the folder of a virtual environment. */
  readonly python?: string | undefined;
}

/** Makes a finder for each config. */
export interface ProcessHosts {
  forConfig(config: HostedConfig): ProcessFinder;
}
