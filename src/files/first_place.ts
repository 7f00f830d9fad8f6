/** The first usable one of several places. @module */
import { UnsafePlace } from "./trust.ts";

/**
 * Opens the first place that can be opened.
 *
 * @param paths in order of preference.
 * @param refused called for each place that was passed over because another user could change
 *   it, with the place that is used instead.
 * @throws {Error} with the problem of each place, if none can be opened.
 */
export function firstPlace<Opened>(
  paths: readonly string[],
  open: (path: string) => Opened,
  refused: (problem: UnsafePlace, used: string) => void,
): Opened {
  const problems: Error[] = [];
  for (const path of paths) {
    try {
      const opened = open(path);
      for (const problem of problems) if (problem instanceof UnsafePlace) refused(problem, path);
      return opened;
    } catch (error) {
      problems.push(error as Error);
    }
  }
  throw new Error(problems.map(({ message }) => message).join("; and "));
}
