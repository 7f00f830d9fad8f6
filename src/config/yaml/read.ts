/** Reads the value of a YAML document, and reports mistakes of YAML itself. @module */
import { findAliasProblem } from "./aliases.ts";
import type { Findings } from "./diagnostics.ts";
import type { YamlDocument } from "./document.ts";
import { checkKeys, findBadKey } from "./map_keys.ts";
import { readNumbersAsOfficial } from "./numbers.ts";
import { reportMisreadings } from "./misreadings.ts";
import { findSyntaxProblem, type SyntaxProblem } from "./syntax.ts";
import { warnOfTabs } from "./tabs.ts";
import { findForbidden } from "./characters.ts";

/**
 * The value of `document` (null if it is empty), or undefined after reporting why there is none.
 *
 * @param text that `document` was parsed from.
 * @param foreign what the text is, if it is a file of another program and no YAML.
 */
export function readValue(
  document: YamlDocument,
  text: string,
  findings: Findings,
  foreign?: string,
): { readonly value: unknown } | undefined {
  const problem = forbidden(document, text) ?? findSyntaxProblem(document, text) ??
    findAliasProblem(document) ?? findBadKey(document, text);
  if (problem && foreign !== undefined) {
    findings.error([], `expected an exporter config, found ${foreign}`);
    return undefined;
  }
  if (problem) {
    findings.add("error", problem.at, "", problem.message);
    return undefined;
  }
  reportMisreadings(document, text, findings);
  warnOfTabs(document, text, findings);
  checkKeys(document, findings);
  readNumbersAsOfficial(document, findings);
  // findAliasProblem has bounded the size of the expanded aliases.
  return { value: document.ast.toJS({ maxAliasCount: -1 }) };
}

function forbidden(document: YamlDocument, text: string): SyntaxProblem | undefined {
  const found = findForbidden(text);
  return found && { at: document.at(found.offset), message: found.message };
}
