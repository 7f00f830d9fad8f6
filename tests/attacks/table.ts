/** Outcomes as a table for people. @module */
import type { Outcome } from "./attack.ts";

const HEAD = ["attack", "as", "way", "slowest", "memory (MB)", "descriptors", ""];

/** One row for each outcome, with its notes below. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = [HEAD, ...outcomes.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd();
  const lines = [line(HEAD), line(widths.map((width) => "-".repeat(width)))];
  for (const outcome of outcomes) lines.push(line(row(outcome)), ...notes(outcome));
  return lines.join("\n");
}

function row({ name, user, way, effect, broken }: Outcome): string[] {
  const measured = effect
    ? [`${Math.round(effect.slowestMs)} ms`, effect.memoryMb, effect.descriptors]
    : ["", [], []];
  const cells = measured.map((cell) => typeof cell === "string" ? cell : cell.join(" → "));
  return [name, user, way, ...cells, broken.length === 0 ? "held" : "BROKEN"];
}

function notes({ seen, broken }: Outcome): string[] {
  return [...(seen === "" ? [] : [seen]), ...broken].map((text) => `  ${text}`);
}
