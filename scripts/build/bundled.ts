/** Finds the npm packages in a bundle: the bundler prints each module's file name before it. @module */

/** `// ../../cache/npm/registry/@scope/name/1.2.3/file.js`, in Deno's cache. */
const ORIGIN = /^\/\/ \S*\/npm\/[^/\s]+\/((?:@[^/\s]+\/)?[^/\s]+)\/(\d[^/\s]*)\//gm;

/** The keys of the packages, `name@version`. */
export async function packagesIn(app: string, paths: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    const text = await Deno.readTextFile(`${app}/${path}`);
    for (const [, name, version] of text.matchAll(ORIGIN)) found.add(`${name}@${version}`);
  }
  return found;
}
