/** The imports between the shipped sources of the project, read from their text. @module */

const root = new URL("../", import.meta.url).pathname;

/** A source file; paths are from the project's root. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** The files that its relative specifiers name, in imports of types and of workers as well. */
  readonly imports: readonly string[];
}

/** All shipped sources: no tests, nothing generated. */
export async function shippedSources(): Promise<Source[]> {
  const paths = (await sourcePaths()).filter((path) => !/_test\.ts$|testing\.ts$/.test(path));
  return await Promise.all(paths.map(readSource));
}

/** All sources of the project, tests and scripts among them; nothing generated. */
export async function allSources(): Promise<Source[]> {
  const paths = [
    ...await sourcePaths(),
    ...await pathsBelow("scripts"),
    ...await pathsBelow("tests"),
  ];
  return await Promise.all(paths.map(readSource));
}

async function sourcePaths(): Promise<string[]> {
  return ["main.ts", ...await pathsBelow("src"), ...await pathsBelow("drivers")];
}

async function pathsBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await pathsBelow(path));
    else if (name.endsWith(".ts") && !path.includes("/gen/")) paths.push(path);
  }
  return paths;
}

/** A relative specifier, after what imports it. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"(\.[^"]+)"/g;

async function readSource(path: string): Promise<Source> {
  const text = await Deno.readTextFile(root + path);
  const imports = Array.from(text.matchAll(IMPORT), ([, specifier]) => resolve(specifier!, path));
  return { path, text, imports };
}

/** The path that `specifier` names in the file `from`. */
export function resolve(specifier: string, from: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
