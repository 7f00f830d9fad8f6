/** Which npm packages the program imports; tests and tools import more. @module */
import type { Lock, LockedPackage } from "./lock.ts";
import { run } from "./run.ts";

interface Info {
  readonly modules: readonly { readonly kind: string; readonly npmPackage?: string }[];
}

/** The packages that the entries import, and what these need. */
export async function usedPackages(
  root: string,
  entries: readonly string[],
  lock: Lock,
): Promise<readonly LockedPackage[]> {
  const keys = new Set<string>();
  for (const entry of entries) {
    const info = JSON.parse(await run([Deno.execPath(), "info", "--json", entry], { cwd: root }));
    for (const { npmPackage } of (info as Info).modules) if (npmPackage) keys.add(npmPackage);
  }
  return lock.closure([...keys].sort().map((key) => lock.get(key)));
}
