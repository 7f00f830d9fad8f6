/** Finds the npm packages that the program imports; tests and tools import more. @module */
import type { Lock, LockedPackage } from "./lock.ts";
import { run } from "./run.ts";

interface Info {
  readonly modules: readonly { readonly specifier: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<
    Record<string, { readonly name: string; readonly version: string; readonly localPath?: string }>
  >;
}

/** The packages of the entries. */
export interface Used {
  /** Their keys, with those of their dependencies. */
  readonly packages: readonly LockedPackage[];
  /** The folder of each by `name@version`, in Deno's cache, which checks the lock's hash. */
  readonly folders: ReadonlyMap<string, string>;
}

/** Finds the packages that the entries import. @throws {Error} if `deno info` fails */
export async function usedPackages(
  root: string,
  entries: readonly string[],
  lock: Lock,
): Promise<Used> {
  const keys = new Set<string>();
  const folders = new Map<string, string>();
  for (const entry of entries) {
    const text = await run([Deno.execPath(), "info", "--json", entry], { cwd: root });
    const { modules, npmPackages } = JSON.parse(text) as Info;
    for (const { specifier, npmPackage } of modules) {
      const key = npmPackage ?? packageOfFile(specifier);
      if (key) keys.add(key);
    }
    for (const { name, version, localPath } of Object.values(npmPackages)) {
      if (localPath) folders.set(`${name}@${version}`, localPath);
    }
  }
  return { packages: lock.closure([...keys].sort().map((key) => lock.get(key))), folders };
}

/** The package of a file that is no module, such as `npm:/bzip2-wasm@1.0.1/bzip2.wasm`. */
function packageOfFile(specifier: string): string | undefined {
  return /^npm:\/?((?:@[^/]+\/)?[^/@]+@[^/]+)\//.exec(specifier)?.[1];
}
