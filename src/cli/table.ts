/** Tables for people, in columns. @module */
import { printable } from "../text/printable.ts";

/** Longest cell to which the cells below it are aligned, in characters. */
const MAX_WIDTH = 60;

/** Aligns the cells of rows; the last column may be of any length. */
export function columns(rows: readonly (readonly string[])[], margin = ""): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = Array.from(
    { length: Math.max(0, ...cells.map((row) => row.length)) },
    (_, index) => Math.min(MAX_WIDTH, Math.max(0, ...cells.map((row) => row[index]?.length ?? 0))),
  );
  return cells.map((row) =>
    (margin + row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ")).trimEnd()
  );
}
