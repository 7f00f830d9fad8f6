/** Outcomes as a table for people. @module */
import { type Outcome, seconds } from "./fault.ts";

const HEAD = ["fault", "injected", "recovered in (median, max)", "lost"];

/** One row a fault, its notes below it. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = [HEAD, ...outcomes.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const line = (cells: string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd();
  const lines = [line(HEAD), line(widths.map((width) => "-".repeat(width)))];
  for (const outcome of outcomes) {
    lines.push(line(row(outcome)), ...outcome.notes.map((note) => `  ${note}`));
  }
  return lines.join("\n");
}

function row({ name, injected, recoveredMs, lost }: Outcome): string[] {
  return [name, String(injected), times(recoveredMs), String(lost)];
}

function times(values: readonly number[]): string {
  if (values.length === 0) return "-";
  return `${seconds(median(values))}, ${seconds(Math.max(...values))}`;
}

/** The middle one of `values`, the lower one of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}
