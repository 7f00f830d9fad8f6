/** The packages with native code: they stay packages, as a bundler cannot take them in. @module */
import type { Lock, LockedPackage } from "./lock.ts";
import type { Target } from "./targets.ts";

/** A package with native code, and what it is made of on one machine. */
export interface NativePackage {
  readonly main: LockedPackage;
  /** The addons, one package for each that `target` can load. */
  readonly addons: readonly LockedPackage[];
}

/** Those of `used` that have an addon for `target`. @throws {Error} where one has none */
export function nativePackages(
  lock: Lock,
  used: readonly LockedPackage[],
  target: Target,
): readonly NativePackage[] {
  return used.filter(isNative).map((main) => {
    const addons = main.optional.map((name) => lock.get(name)).filter((addon) => {
      return suits(addon, target);
    });
    if (addons.length === 0) {
      throw new Error(`Cannot build for ${target.arch}: ${main.name} has no addon for it`);
    }
    return { main, addons };
  });
}

/** Whether each machine takes an optional package of its own. */
export function isNative({ optional }: LockedPackage): boolean {
  return optional.length > 0;
}

/** The lock file does not tell the C libraries apart; the names do. */
function suits({ name, os, cpu }: LockedPackage, target: Target): boolean {
  return os.includes("linux") && cpu.includes(target.cpu) && !name.endsWith("-musl");
}
