// deno-lint-ignore-file no-console -- a command prints for its user.
/** `deno task check`: format, lint, types, and what the sources import of each other. @module */
import { strayArrows } from "./arrows.ts";
import { circles } from "./circles.ts";
import { unusedExports } from "./unused_exports.ts";

const root = new URL("../", import.meta.url).pathname;

async function passes(...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn().status;
  return success;
}

/** Runs every check, prints what they find, and tells whether all passed. */
export async function check(): Promise<boolean> {
  const problems = await importProblems();
  for (const problem of problems) console.error(problem);
  const results = [
    problems.length === 0,
    await passes("fmt", "--check"),
    await passes("lint", "--quiet"),
    await passes("check", "--quiet", "."),
  ];
  return results.every(Boolean);
}

async function importProblems(): Promise<string[]> {
  const [stray, rings, unused] = await Promise.all([strayArrows(), circles(), unusedExports()]);
  return [
    ...stray.map(({ from, to }) => `${from} may not import ${to}`),
    ...rings.map((circle) => `these import each other in a circle: ${circle.join(", ")}`),
    ...unused.map(({ path, name }) => `${path} exports ${name}, which no other file imports`),
  ];
}

if (import.meta.main) Deno.exit(await check() ? 0 : 1);
