/** Results for people: medians and ratios as Markdown. @module */
import type { Result } from "./bench.ts";
import type { Name } from "./exporters.ts";
import type { Samples } from "./figure.ts";

/** One row: medians of both, and ours divided by the official one's. */
export interface Row {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly official: number;
  readonly ours: number;
  readonly ratio: number;
  /** Whether ours is the better one. */
  readonly ahead: boolean;
}

/** The rows of one result, in the order in which the figures were declared. */
export function rows({ figures, runs }: Result): Row[] {
  return Object.entries(figures).map(([key, { title, unit, better }]) => {
    const [official, ours] = (["official", "ours"] as const)
      .map((name: Name) => median(runs[name].map((samples: Samples) => samples[key] ?? NaN)));
    const ratio = ours! / official!;
    const ahead = better === "less" ? ratio < 1 : ratio > 1;
    return { key, title, unit, official: official!, ours: ours!, ratio, ahead };
  });
}

/** A Markdown table; ratios in bold are those where ours is better. */
export function markdown(result: Result): string {
  const lines = rows(result).map(({ title, unit, official, ours, ratio, ahead }) => {
    const quotient = ratio.toFixed(2);
    return `| ${title} | ${unit} | ${round(official)} | ${round(ours)} | ` +
      `${ahead ? `**${quotient}**` : quotient} |`;
  });
  return [
    `| ${result.title} | | official | ours | ours / official |`,
    "| --- | --- | ---: | ---: | ---: |",
    ...lines,
  ].join("\n");
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  const middle = ordered.length / 2;
  const [low, high] = [ordered[Math.ceil(middle) - 1], ordered[Math.floor(middle)]];
  return low === undefined || high === undefined ? NaN : (low + high) / 2;
}

/** Prints three digits; the noise is larger. */
function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
