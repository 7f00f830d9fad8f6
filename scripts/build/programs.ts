/**
 * Workers, and what `main.ts` chooses from, are separate programs, named by
 * `new URL("./x.ts", import.meta.url)`. In a bundle `import.meta.url` is that of the bundle, so each
 * such place is redirected to the program's own bundle, by its place beside `main.js`.
 *
 * @module
 */

import { shipped } from "./sources.ts";

const PROGRAM = /new URL\("(\.[^"]+\.ts)", import\.meta\.url\)/g;

/** Files that become bundles of their own, as paths from the checkout. */
export interface Entries {
  readonly programs: readonly string[];
  readonly all: readonly string[];
}

/** The programs that the sources start. */
export async function findPrograms(sources: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    for (const [, specifier] of text.matchAll(PROGRAM)) found.add(resolve(path, specifier!));
  }
  return [...found].sort();
}

/** Redirects the places in every bundle; the bundles keep their paths. */
export async function redirectPrograms(
  sources: string,
  programs: readonly string[],
): Promise<void> {
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    if (!PROGRAM.test(text)) continue;
    if (programs.includes(path)) {
      throw new Error(`Cannot bundle ${path}: expected no program inside of another one`);
    }
    const redirected = text.replace(PROGRAM, (_, specifier) => {
      const target = resolve(path, specifier).replace(/\.ts$/, ".js");
      return `new URL("./${target}", Deno.mainModule)`;
    });
    await Deno.writeTextFile(`${sources}/${path}`, redirected);
  }
}

/** Checks that nothing else depends on the place of a source file. @throws {Error} naming each that does */
export async function checkLeftovers(sources: string): Promise<void> {
  const places: string[] = [];
  for await (const path of shipped(sources)) {
    const lines = (await Deno.readTextFile(`${sources}/${path}`)).split("\n");
    lines.forEach((line, index) => {
      if (line.includes("import.meta")) places.push(`${path}:${index + 1}`);
    });
  }
  if (places.length === 0) return;
  throw new Error(
    `Cannot bundle: expected import.meta.url in the URL of a program only, found it in ` +
      `${places.join(", ")}; import the file instead (with { type: "text" } or "json")`,
  );
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}
