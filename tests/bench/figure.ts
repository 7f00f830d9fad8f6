/** Figures, and their samples. @module */

/** One row of the table. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  /** Which values are better. */
  readonly better: "less" | "more";
}

/** Figures by the keys that {@linkcode Samples} have. */
export type Figures = Readonly<Record<string, Figure>>;

/** One value for each figure of one run. */
export type Samples = Readonly<Record<string, number>>;

/** A figure of which less is better. */
export function less(title: string, unit: string): Figure {
  return { title, unit, better: "less" };
}

/** A figure of which more is better. */
export function more(title: string, unit: string): Figure {
  return { title, unit, better: "more" };
}
