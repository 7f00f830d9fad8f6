// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * The comparison of both `j` as a table: `deno run tests/official/j/table.ts` prints what
 * `src/j/README.md` has, and `compare_test.ts` holds it to be true.
 *
 * @module
 */
import type { Case, Family } from "./cases.ts";
import { families } from "./lists/mod.ts";

/** Markdown: a table whose cells refer to a list of differences, and that list. */
export function table(): string {
  const reasons: string[] = [];
  const rows = families.flatMap((family) => rowsOf(family, reasons));
  return [
    "| drivers | commands | differences |",
    "| --- | --- | --- |",
    ...rows,
    "",
    ...reasons.map((text, index) => `${index + 1}. ${text}`),
  ].join("\n");
}

/** The rows of a family; adds what is new to `reasons`. */
function rowsOf({ title, commands }: Family, reasons: string[]): string[] {
  const rows = new Map<string, string[]>();
  for (const [command, cases] of Object.entries(commands)) {
    const found = differencesOf(cases);
    reasons.push(...found.filter((text) => !reasons.includes(text)));
    const numbers = found.map((text) => reasons.indexOf(text) + 1).sort((a, b) => a - b);
    const cell = numbers.join(", ") || "none";
    rows.set(cell, [...rows.get(cell) ?? [], `\`${command}\``]);
  }
  return Array.from(rows, ([cell, names]) => `| ${title} | ${names.join(", ")} | ${cell} |`);
}

function differencesOf(cases: readonly Case[]): string[] {
  const all = cases.flatMap(({ differs, differsHere, differsThere }) => {
    return [differs, differsHere, differsThere].flatMap((by) => Object.values(by ?? {}));
  });
  return [...new Set(all.map(({ text }) => text))];
}

if (import.meta.main) console.log(table());
