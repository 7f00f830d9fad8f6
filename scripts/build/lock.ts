/** Reads the npm packages of `deno.lock`: versions, hashes, dependencies. @module */

/** A package of the lock file (version 5). */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Hash of the tarball, like `sha512-…` (base64). */
  readonly integrity: string;
  /** Keys of its dependencies. */
  readonly dependencies: readonly string[];
  /** Names of optional packages, one for each kind of machine. */
  readonly optional: readonly string[];
  readonly os: readonly string[];
  readonly cpu: readonly string[];
}

interface LockFile {
  readonly npm: Readonly<
    Record<string, {
      readonly integrity: string;
      readonly dependencies?: readonly string[];
      readonly optionalDependencies?: readonly string[];
      readonly os?: readonly string[];
      readonly cpu?: readonly string[];
    }>
  >;
}

/** Every package of the lock file. */
export class Lock {
  readonly packages: readonly LockedPackage[];

  constructor(text: string) {
    const { npm } = JSON.parse(text) as LockFile;
    this.packages = Object.entries(npm).map(([key, entry]) => ({
      ...splitKey(key),
      integrity: entry.integrity,
      dependencies: entry.dependencies ?? [],
      optional: entry.optionalDependencies ?? [],
      os: entry.os ?? [],
      cpu: entry.cpu ?? [],
    }));
  }

  /** Resolves a dependency (`name` or `name@version`). @throws {Error} if it is not in the file */
  get(key: string): LockedPackage {
    const { name, version } = splitKey(key);
    const found = this.packages.find((entry) => {
      return entry.name === name && (version === "" || entry.version === version);
    });
    if (!found) throw new Error(`Cannot find ${key} in deno.lock; update the lock file`);
    return found;
  }

  /** The given packages with their dependencies on every machine. */
  closure(roots: readonly LockedPackage[]): readonly LockedPackage[] {
    const found = new Set<LockedPackage>();
    const add = (entry: LockedPackage) => {
      if (found.has(entry)) return;
      found.add(entry);
      for (const key of entry.dependencies) add(this.get(key));
    };
    roots.forEach(add);
    return [...found];
  }
}

/** Splits `@scope/name@1.2.3_peer@4.5.6` into its parts. */
function splitKey(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  if (at < 0) return { name: key, version: "" };
  return { name: key.slice(0, at), version: key.slice(at + 1).split("_")[0]! };
}
