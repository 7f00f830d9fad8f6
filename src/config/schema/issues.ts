/** The issues that a schema reports, as messages to the user. @module */
import {
  authorMessage,
  expectation,
  innermostIssues,
  type Issue,
  pathOf,
  valueAt,
  type ValuePath,
} from "../../text/issue.ts";
import { isSecret } from "../../text/secret_key.ts";
import { describeValue } from "../../text/value.ts";

/** One reason why a schema rejects a value. */
export interface Complaint {
  /** Path from the value that was parsed. */
  readonly path: ValuePath;
  /** The position to report: of the value, or of the key, or of the map that lacks a key. */
  readonly kind: "unknown key" | "missing" | "value";
  readonly message: string;
}

/** A number or word without quotes as the file has it, by its path from the value. */
type Written = (path: ValuePath) => string | undefined;

/**
 * The complaints of one issue of parsing `value`: an issue may be about several keys. They show
 * numbers as they were written: `0123` would lose its zero.
 */
export function complaints(issue: Issue, value: unknown, written: Written): Complaint[] {
  return innermostIssues(issue).flatMap((inner) => complaintsOf(inner, value, written));
}

function complaintsOf(issue: Issue, value: unknown, written: Written): Complaint[] {
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], kind: "unknown key", message: "" }));
  }
  const found = valueAt(value, path);
  const own = authorMessage(issue);
  const expected = own ?? expectation(issue);
  if (found === undefined && path.length > 0) {
    const missing = `expected '${path.at(-1)}' (${expected}), found nothing; add it`;
    return [{ path, kind: "missing", message: missing }];
  }
  const secret = isSecret(path.at(-1) ?? "");
  const source = written(path) ?? String(found);
  const shown = typeof found === "number" && !secret
    ? `the number ${source}`
    : describeValue(found, path.at(-1));
  const message = own ?? `expected ${expected}, found ${shown}` +
      advice(issue, found, secret ? "" : `: "${source}"`);
  return [{ path, kind: "value", message }];
}

function advice(issue: Issue, found: unknown, quoted: string): string {
  if (found === null) {
    const wantsMap = issue.code === "invalid_type" && ["object", "record"].includes(issue.expected);
    return wantsMap ? "; indent its keys below it, or remove it" : "; write it, or remove the key";
  }
  if (issue.code === "invalid_value" && issue.values.length === 1 && typeof found === "string") {
    return `; write ${String(issue.values[0])}`;
  }
  if (typeof found === "string") return "";
  const wantsText = issue.code === "invalid_type" && issue.expected === "string";
  if (typeof found === "object") return wantsText ? "; write it beside the key" : "";
  const wantsThis = issue.code === "invalid_value" && issue.values.includes(String(found));
  if (!wantsText && !wantsThis) return "";
  return `; put it in quotes${quoted}`;
}
