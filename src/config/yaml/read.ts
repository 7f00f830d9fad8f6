/** Reads the value of a YAML document, and reports mistakes of YAML itself. @module */
import { findAliasProblem } from "./aliases.ts";
import type { Findings } from "./diagnostics.ts";
import type { YamlDocument } from "./document.ts";
import { checkKeys, findBadKey } from "./map_keys.ts";
import { readNumbersAsOfficial } from "./numbers.ts";
import { findSyntaxProblem } from "./syntax.ts";

/**
 * The value of `document` (null if it is empty), or undefined after reporting why there is none.
 *
 * @param text that `document` was parsed from.
 */
export function readValue(
  document: YamlDocument,
  text: string,
  findings: Findings,
): { readonly value: unknown } | undefined {
  const problem = findSyntaxProblem(document, text) ?? findAliasProblem(document) ??
    findBadKey(document);
  if (problem) {
    findings.add("error", problem.at, "", problem.message);
    return undefined;
  }
  checkKeys(document, findings);
  readNumbersAsOfficial(document, findings);
  // findAliasProblem has bounded the size of the expanded aliases.
  return { value: document.ast.toJS({ maxAliasCount: -1 }) };
}
