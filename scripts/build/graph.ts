/** Which npm packages the program imports; tests and tools import more. @module */
import type { Lock, LockedPackage } from "./lock.ts";
import { run } from "./run.ts";

interface Info {
  readonly modules: readonly { readonly specifier: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<
    Record<string, { readonly name: string; readonly version: string; readonly localPath?: string }>
  >;
}

/** What the entries import. */
export interface Used {
  /** The packages, and what these need. */
  readonly packages: readonly LockedPackage[];
  /** The folder of each, by `name@version`: in Deno's cache, where it came by the lock's hash. */
  readonly folders: ReadonlyMap<string, string>;
}

/** The packages of the entries. @throws {Error} where Deno cannot tell */
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

/** `npm:/bzip2-wasm@1.0.1/bzip2.wasm`, a file that is no module, is of the package before it. */
function packageOfFile(specifier: string): string | undefined {
  return /^npm:\/?((?:@[^/]+\/)?[^/@]+@[^/]+)\//.exec(specifier)?.[1];
}
