/** The imports between the shipped sources of the project, read from their text. @module */

const root = new URL("../", import.meta.url).pathname;

/** An import of a file by another one. */
export interface Import {
  /** The imported file. */
  readonly path: string;
  /** Only of types, of values when the importer is loaded, or later: `import()`, workers. */
  readonly kind: "type" | "value" | "lazy";
}

/** A source file; paths are from the project's root. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** The files that its relative specifiers name. */
  readonly imports: readonly Import[];
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

/** The clause of a static import and its specifier, or the call and its specifier. */
const IMPORT =
  /(?:\b(?:import|export)\s+([^;"()]*?)\s*\bfrom\s*|\bimport\s*|(\bimport\(\s*|\bnew URL\(\s*))"(\.[^"]+)"/g;

/** `type { A }`, `{ type A, type B }`. */
const TYPES = /^(?:type\s|\{(?:\s*type\s[^,}]*,?)+\s*\}$)/;

async function readSource(path: string): Promise<Source> {
  const text = await Deno.readTextFile(root + path);
  const imports = Array.from(text.matchAll(IMPORT), ([, clause, call, specifier]): Import => {
    const kind = call ? "lazy" : clause && TYPES.test(clause) ? "type" : "value";
    return { path: resolve(specifier!, path), kind };
  });
  return { path, text, imports };
}

/** The path that `specifier` names in the file `from`. */
export function resolve(specifier: string, from: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
