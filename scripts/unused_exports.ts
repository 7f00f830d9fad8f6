/** Exports that no other file of the project imports. @module */
import { allSources, resolve, type Source } from "./imports.ts";

/** Functions, classes and values; types are exported for the signatures that name them. */
const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|let) (\w+)/gm;
const NAMED = /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"(\.[^"]+)"/g;
const WHOLE =
  /(?:import\(\s*|new URL\(|(?:import|export)\s+\*\s*(?:as \w+\s*)?from\s*)"(\.[^"]+)"/g;

/** An export of a file in `src`. */
export interface UnusedExport {
  readonly path: string;
  readonly name: string;
}

/** Exports in `src` that should not be exported, or are dead. */
export async function unusedExports(): Promise<UnusedExport[]> {
  const sources = await allSources();
  const used = new Set(sources.flatMap((source) => [...importedNames(source)]));
  return sources.filter(({ path }) => path.startsWith("src/")).flatMap(({ path, text }) => {
    if (used.has(`${path}#*`)) return [];
    const names = Array.from(text.matchAll(EXPORT), ([, name]) => name!);
    return names.filter((name) => !used.has(`${path}#${name}`)).map((name) => ({ path, name }));
  });
}

/** `path#name` of each import, and `path#*` of each whole module. */
function* importedNames({ path, text }: Source): Generator<string> {
  for (const [, names, specifier] of text.matchAll(NAMED)) {
    for (const name of names!.split(",")) {
      const [, imported] = /^\s*(?:type\s+)?(\w+)/.exec(name) ?? [];
      if (imported) yield `${resolve(specifier!, path)}#${imported}`;
    }
  }
  for (const [, specifier] of text.matchAll(WHOLE)) yield `${resolve(specifier!, path)}#*`;
}
