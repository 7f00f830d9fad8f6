/** Mistakes at the top level of a config. @module */
import type { Findings } from "../yaml/diagnostics.ts";
import { fields } from "./fields.ts";
import type { YamlDocument } from "../yaml/document.ts";
import { warnOfUnknownKeys } from "./unknown_keys.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { allOf } from "../../text/enumerate.ts";

/**
 * Checks the keys beside `export`, and an `export:` that is empty because its drivers are
 * indented like it.
 *
 * @returns the value to read drivers from.
 */
export function checkTopLevel(value: YamlMap, document: YamlDocument, findings: Findings): unknown {
  const { export: exported = {}, ...rest } = value;
  checkCredential(rest, findings);
  warnOfRestarts(rest, findings);
  const beside = Object.keys(rest).filter((key) => looksLikeDriver(key, rest[key]));
  if (exported !== null || beside.length === 0) {
    warnOfUnknownKeys(fields, rest, findings);
    return exported;
  }
  const names = allOf(beside.map((key) => `'${key}' (line ${document.key([key]).line})`));
  const message = `expected drivers indented below 'export:', found nothing, because ${names} ` +
    `${beside.length === 1 ? "is" : "are"} indented like 'export'; ` +
    "indent the drivers and everything below them by 2 more spaces";
  findings.error(["export"], message, "key");
  const others = Object.entries(rest).filter(([key]) => !beside.includes(key));
  warnOfUnknownKeys(fields, Object.fromEntries(others), findings);
  return {};
}

function checkCredential({ token, tokenFile }: YamlMap, findings: Findings): void {
  if (!token || !tokenFile) return;
  const message = "expected either 'token' or 'tokenFile', found both, so 'token' is used; " +
    "remove one of them";
  findings.warning(["tokenFile"], message, "key");
}

function warnOfRestarts({ failureDetection }: YamlMap, findings: Findings): void {
  if (failureDetection === undefined) return;
  const message = "this has no effect: it limits the restarts of the official exporter's child " +
    "process, and this exporter has none; remove it";
  findings.warning(["failureDetection"], message, "key");
}

function looksLikeDriver(key: string, value: unknown): boolean {
  const isKnown = Object.hasOwn(fields.shape, key);
  return !isKnown && isMap(value) && ["type", "ref", "children"].some((inner) => inner in value);
}
