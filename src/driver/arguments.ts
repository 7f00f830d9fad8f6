/** The arguments of calls, checked against the schemas that a method declares. @module */
import type { z } from "zod";
import { describeIssues } from "../text/issue.ts";
import { InvalidArgument } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";

/** Arguments that do not match the declaration of a method. */
export class WrongArguments extends InvalidArgument {}

/**
 * Parses positional arguments.
 *
 * @throws {WrongArguments} naming the first argument that its schema rejects.
 */
export function parseArguments(
  parameters: readonly z.ZodType[],
  args: readonly Value[],
): unknown[] {
  if (args.length > parameters.length) {
    throw new WrongArguments(
      `expected at most ${parameters.length} arguments, found ${args.length}`,
    );
  }
  return parameters.map((parameter, index) => {
    const parsed = parameter.safeParse(args[index]);
    if (parsed.success) return parsed.data;
    const problem = describeIssues(parsed.error.issues, args[index]);
    throw new WrongArguments(`argument ${index + 1}: ${problem}`);
  });
}
