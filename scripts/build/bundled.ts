/** Which npm packages are in a bundle: the bundler names the file before each module. @module */

/** `// ../../cache/npm/registry/@scope/name/1.2.3/file.js`, in Deno's cache. */
const ORIGIN = /^\/\/ \S*\/npm\/[^/\s]+\/((?:@[^/\s]+\/)?[^/\s]+)\/(\d[^/\s]*)\//gm;

/** Their keys, `name@version`. */
export async function packagesIn(app: string, paths: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    const text = await Deno.readTextFile(`${app}/${path}`);
    for (const [, name, version] of text.matchAll(ORIGIN)) found.add(`${name}@${version}`);
  }
  return found;
}
