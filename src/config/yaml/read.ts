/** From a YAML document to its value, with the mistakes that any YAML file can have. @module */
import { findAliasProblem } from "./aliases.ts";
import type { Findings } from "./diagnostics.ts";
import type { YamlDocument } from "./document.ts";
import { checkKeys, findBadKey } from "./map_keys.ts";
import { readNumbersAsOfficial } from "./numbers.ts";
import { findSyntaxProblem } from "./syntax.ts";

/**
 * The value of `document`, or undefined after reporting to `findings` why it has none.
 * Null, in the result, is an empty document.
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
  // findAliasProblem has counted what the aliases expand to.
  return { value: document.ast.toJS({ maxAliasCount: -1 }) };
}
