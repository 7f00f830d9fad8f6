/**
 * Workers are separate programs, started by `new Worker(new URL("./x.ts", import.meta.url), …)`. In a
 * bundle `import.meta.url` is that of the bundle, so each such place is redirected to the worker's
 * own bundle.
 *
 * @module
 */

import { shipped } from "./sources.ts";

const WORKER = /new URL\("(\.[^"]+\.ts)", import\.meta\.url\)/g;

/** Files that become bundles of their own, as paths from the checkout. */
export interface Entries {
  readonly workers: readonly string[];
  readonly all: readonly string[];
}

/** The workers that the sources start. */
export async function findWorkers(sources: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    for (const [, specifier] of text.matchAll(WORKER)) found.add(resolve(path, specifier!));
  }
  return [...found].sort();
}

/** Redirects the places in every bundle; the workers' bundles keep their paths. */
export async function redirectWorkers(sources: string, workers: readonly string[]): Promise<void> {
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    if (!WORKER.test(text)) continue;
    if (workers.includes(path)) {
      throw new Error(`Cannot bundle ${path}: expected no worker inside of a worker`);
    }
    const redirected = text.replace(WORKER, (_, specifier) => {
      const target = resolve(path, specifier).replace(/\.ts$/, ".js");
      return `new URL("./${target}", import.meta.url)`;
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
      const rest = line.replace(/new URL\("[^"]+\.js", import\.meta\.url\)/g, "");
      if (rest.includes("import.meta")) places.push(`${path}:${index + 1}`);
    });
  }
  if (places.length === 0) return;
  throw new Error(
    `Cannot bundle: expected import.meta.url in the URL of a worker only, found it in ` +
      `${places.join(", ")}; import the file instead (with { type: "text" } or "json")`,
  );
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}
