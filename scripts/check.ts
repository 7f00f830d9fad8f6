// deno-lint-ignore-file no-console -- it speaks to whoever runs it.
/** `deno task check`: format, lint, types, and the arrows between the rooms. @module */
import { strayArrows } from "./arrows.ts";

const root = new URL("../", import.meta.url).pathname;

async function passes(...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn().status;
  return success;
}

/** Runs every check, prints what they find, and tells whether all passed. */
export async function check(): Promise<boolean> {
  const stray = await strayArrows();
  for (const { from, to } of stray) console.error(`${from} may not import ${to}`);
  const results = [
    stray.length === 0,
    await passes("fmt", "--check", "--quiet"),
    await passes("lint", "--quiet"),
    await passes("check", "--quiet", "."),
  ];
  return results.every(Boolean);
}

if (import.meta.main) Deno.exit(await check() ? 0 : 1);
