// deno-lint-ignore-file no-console -- a command prints for its user.
/** `deno task check`: format, lint, types, and what the sources import of each other. @module */
import { strayArrows } from "./arrows.ts";
import { circles } from "./circles.ts";
import { unusedExports } from "./unused_exports.ts";

const root = new URL("../", import.meta.url).pathname;

/** A check by the name that its result has; it prints what is wrong. @returns whether it passed */
type Checks = Readonly<Record<string, () => Promise<boolean>>>;

const CHECKS: Checks = {
  "format": () => passes("fmt", "--check"),
  "lint": () => passes("lint"),
  "types": () => passes("check", "--quiet", "."),
  "imports between rooms": async () =>
    isEmpty((await strayArrows()).map(({ from, to }) => `${from} may not import ${to}`)),
  "circles": async () =>
    isEmpty((await circles()).map((circle) => `in a circle of imports: ${circle.join(", ")}`)),
  "unused exports": async () =>
    isEmpty((await unusedExports()).map(({ path, name }) => `no file imports ${name} of ${path}`)),
};

/** Runs Deno, and prints its output if it fails. */
async function passes(...args: string[]): Promise<boolean> {
  const deno = new Deno.Command(Deno.execPath(), { args, cwd: root });
  const { success, stdout, stderr } = await deno.output();
  if (!success) { for (const output of [stdout, stderr]) await Deno.stderr.write(output); }
  return success;
}

function isEmpty(problems: readonly string[]): boolean {
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

/** Runs every check, also after one that failed, and says at the end which passed and failed. */
export async function check(checks: Checks = CHECKS, say = console.log): Promise<boolean> {
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [name, run] of Object.entries(checks)) (await run() ? passed : failed).push(name);
  if (passed.length > 0) say(`ok: ${passed.join(", ")}`);
  if (failed.length > 0) say(`FAILED: ${failed.join(", ")}`);
  return failed.length === 0;
}

if (import.meta.main) Deno.exit(await check() ? 0 : 1);
