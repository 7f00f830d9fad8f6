/** The first of several places that will do. @module */
import { UnsafePlace } from "./trust.ts";

/**
 * Opens the first place that can be had.
 *
 * @param paths best first.
 * @param refused called with each place that was passed over because somebody else could change
 * it, and with the one that is used instead.
 * @throws {Error} with what speaks against each, where none is left.
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
