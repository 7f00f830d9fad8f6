/** The issues that a schema reports about a value, as messages word them. @module */
import type { z } from "zod";
import { allOf, oneOf } from "./enumerate.ts";
import { describeFormat, describeType, describeValue } from "./value.ts";

/** One issue of parsing a value. */
export type Issue = z.core.$ZodIssue;

/** The keys that lead to a part of a value. */
export type ValuePath = readonly (string | number)[];

/** All issues of parsing `value` in one line: `expected text, found nothing`. */
export function describeIssues(issues: readonly Issue[], value: unknown): string {
  return issues.flatMap(innermostIssues).map((issue) => {
    const path = pathOf(issue);
    const message = describeIssue(issue, valueAt(value, path), path.at(-1));
    return path.length === 0 ? message : `'${path.join(".")}': ${message}`;
  }).join("; ");
}

function describeIssue(issue: Issue, found: unknown, key?: string | number): string {
  if (issue.code === "unrecognized_keys") {
    return `unknown key ${allOf(issue.keys.map((name) => `'${name}'`))}`;
  }
  return authorMessage(issue) ??
    `expected ${expectation(issue)}, found ${describeValue(found, key)}`;
}

/** An issue, or those inside it: of a union's best matching branch, or of a bad element. */
export function innermostIssues(issue: Issue): Issue[] {
  return innerIssues(issue).flatMap((inner) =>
    inner === issue
      ? [issue]
      : innermostIssues({ ...inner, path: [...issue.path, ...inner.path] } as Issue)
  );
}

function innerIssues(issue: Issue): readonly Issue[] {
  if (issue.code === "invalid_element" || issue.code === "invalid_key") return issue.issues;
  if (issue.code !== "invalid_union") return [issue];
  const depth = (branch: readonly Issue[]) =>
    Math.max(0, ...branch.map((inner) => inner.path.length));
  const best = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0];
  return best && depth(best) > 0 ? best : [issue];
}

/** The keys from the parsed value to the part that an issue is about. */
export function pathOf(issue: Issue): ValuePath {
  return issue.path.map((part) => typeof part === "symbol" ? String(part) : part);
}

/** The part of `value` at `path`; undefined if there is none. */
export function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner as Record<string | number, unknown> | null | undefined)?.[part],
    value,
  );
}

/** The message that the schema's author wrote, or undefined for one of the library's. */
export function authorMessage(issue: Issue): string | undefined {
  return /^(?:Invalid |Too |Unrecognized )/.test(issue.message) ? undefined : issue.message;
}

/** What the schema expects in the place of the value: `a whole number`. */
export function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return describeType(issue.expected);
    case "invalid_value":
      return oneOf(issue.values.map((choice) => JSON.stringify(choice) ?? String(choice)));
    case "invalid_union":
      return unionExpectation(issue);
    case "too_small":
      return sized(issue, issue.inclusive ? "at least" : "more than", issue.minimum);
    case "too_big":
      return sized(issue, issue.inclusive ? "at most" : "less than", issue.maximum);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "regex"
        ? `text that matches ${issue.pattern}`
        : describeFormat(issue.format);
    default:
      return "a value that the driver accepts";
  }
}

function unionExpectation(issue: Extract<Issue, { code: "invalid_union" }>): string {
  const { options } = issue as { options?: unknown };
  if (issue.errors.length === 0 && Array.isArray(options)) {
    return oneOf(options.map((option) => JSON.stringify(option)));
  }
  const choices = issue.errors.flat().map(expectation);
  return oneOf([...new Set(choices)]);
}

function sized({ origin }: { origin: string }, bound: string, size: number | bigint): string {
  const plural = size === 1 ? "" : "s";
  if (origin === "string") return `text of ${bound} ${size} character${plural}`;
  if (origin === "array" || origin === "set") return `a list of ${bound} ${size} item${plural}`;
  return `a number of ${bound} ${size}`;
}
