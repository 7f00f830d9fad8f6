/** The first usable one of several places. @module */
import { UnsafePlace } from "./trust.ts";

/** A folder that may be used. */
export interface Place {
  readonly path: string;
  /** The environment variable that names it. @default none: it is a usual place */
  readonly variable?: string;
  /** Whether it is often missing, which is worth no warning. @default false */
  readonly optional?: boolean;
}

/**
 * Opens the first place that can be opened. What a variable names may be missing, belong to another
 * user, or be read-only: su, sudo -E, cron and containers pass on variables of another user.
 *
 * @param places in order of preference.
 * @param refused called for each place that was passed over, with the reason and the place that is
 *   used instead.
 * @throws {Error} with the problem of each place, if none can be opened.
 */
export function firstPlace<Opened>(
  places: readonly Place[],
  open: (path: string) => Opened,
  refused: (problem: string, used: string) => void,
): Opened {
  const problems: { readonly text: string; readonly quiet: boolean }[] = [];
  for (const { path, variable, optional = false } of places) {
    try {
      const opened = open(path);
      for (const { text, quiet } of problems) if (!quiet) refused(text, path);
      return opened;
    } catch (error) {
      const { message } = error as Error;
      const text = variable === undefined ? message : `${message} (set by ${variable})`;
      problems.push({ text, quiet: optional && !(error instanceof UnsafePlace) });
    }
  }
  throw new Error(problems.map(({ text }) => text).join("; and "));
}
