/** The issues that a schema reports, as messages to the user. @module */
import type { z } from "zod";
import { oneOf } from "../../text/enumerate.ts";
import { isSecret } from "../yaml/secrets.ts";
import { describeFormat, describeType, describeValue } from "./describe.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** One reason why a schema rejects a value. */
export interface Complaint {
  /** Path from the value that was parsed. */
  readonly path: Path;
  /** The position to report: of the value, or of the key, or of the map that lacks a key. */
  readonly kind: "unknown key" | "missing" | "value";
  readonly message: string;
}

/** The complaints of one issue of parsing `value`: an issue may be about several keys. */
export function complaints(issue: Issue, value: unknown): Complaint[] {
  const path = issue.path.map((part) => typeof part === "symbol" ? String(part) : part);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], kind: "unknown key", message: "" }));
  }
  const nested = innerIssues(issue);
  if (nested) {
    return nested.flatMap((inner) =>
      complaints({ ...inner, path: [...path, ...inner.path] } as Issue, value)
    );
  }
  const found = valueAt(value, path);
  const expected = ownSentence(issue) ?? expectation(issue);
  if (found === undefined && path.length > 0) {
    const missing = `expected '${path.at(-1)}' (${expected}), found nothing; add it`;
    return [{ path, kind: "missing", message: missing }];
  }
  const own = ownSentence(issue);
  const message = own ??
    `expected ${expected}, found ${describeValue(found, path.at(-1))}` +
      advice(issue, found, isSecret(path.at(-1) ?? ""));
  return [{ path, kind: "value", message }];
}

/** The issues inside an issue: of the best matching branch of a union, or of a bad element. */
function innerIssues(issue: Issue): readonly Issue[] | undefined {
  if (issue.code === "invalid_element" || issue.code === "invalid_key") return issue.issues;
  if (issue.code !== "invalid_union") return undefined;
  const depth = (branch: readonly Issue[]) =>
    Math.max(0, ...branch.map((inner) => inner.path.length));
  const best = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0];
  return best && depth(best) > 0 ? best : undefined;
}

/** The message that the schema's author wrote, or undefined for one of the library's. */
function ownSentence(issue: Issue): string | undefined {
  return /^(?:Invalid |Too |Unrecognized )/.test(issue.message) ? undefined : issue.message;
}

function expectation(issue: Issue): string {
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

function advice(issue: Issue, found: unknown, secret: boolean): string {
  if (found === null) {
    const wantsMap = issue.code === "invalid_type" && ["object", "record"].includes(issue.expected);
    return wantsMap ? "; indent its keys below it, or remove it" : "; write it, or remove the key";
  }
  if (typeof found === "string" || typeof found === "object") return "";
  const wantsText = issue.code === "invalid_type" && issue.expected === "string";
  const wantsThis = issue.code === "invalid_value" && issue.values.includes(String(found));
  if (!wantsText && !wantsThis) return "";
  return secret ? "; put it in quotes" : `; put it in quotes: "${found}"`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner as Record<string | number, unknown> | null | undefined)?.[part],
    value,
  );
}
