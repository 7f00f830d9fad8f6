/** The Python packages of driver types. @module */

/** The version of the official packages that this program is tested with. */
export const TESTED_VERSION = "0.9.0";

/** The package of a type. */
export interface TypePackage {
  /** The top-level module: `jumpstarter_driver_shell`. */
  readonly module: string;
  /** What pip installs: `jumpstarter-driver-shell`. */
  readonly distribution: string;
  /** Whether it is an official one, whose name is certain; that of others is a guess. */
  readonly official: boolean;
}

/** Whether a type can be the dotted name of a Python class. */
export function isPythonType(type: string): boolean {
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(type);
}

/** The package of a Python class, by the first part of its name. */
export function packageOf(type: string): TypePackage {
  const module = type.split(".", 1)[0]!;
  const official = /^jumpstarter(?:_|$)/.test(module);
  return { module, distribution: module.replaceAll("_", "-"), official };
}
