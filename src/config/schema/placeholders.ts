/** Placeholders of templates in the settings of a config. @module */
import { placeholderProblem } from "../../text/placeholder.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import type { YamlDocument } from "../yaml/document.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { lineRanges } from "../yaml/lines.ts";
import { pathText, type Position, type YamlPath } from "../yaml/position.ts";

/** Keys of names, addresses and secrets, in which text like `${X}` has no meaning of its own. */
const PLAIN =
  /(?:^|_)(?:ref|url|uri|host|hostname|address|endpoint|ip|device|port|serial|user|username|password|token|mac|path|root|name|namespace|tokenFile|python)$/i;

/** Keys of maps of commands and variables, in which such text has a meaning. */
const COMMANDS = /^(?:methods|commands|env|environment)$/i;

/**
 * Reports placeholders in names, in paths and below `export`; those of other fields fail their schema.
 * The official exporter starts with them, so they make nothing unusable.
 */
export function reportPlaceholders(
  { metadata, tokenFile, python, export: exported }: YamlMap,
  document: YamlDocument,
  findings: Findings,
): void {
  const found: { at: Position; path: string; problem: string }[] = [];
  report(metadata, ["metadata"]);
  report(tokenFile, ["tokenFile"]);
  report(python, ["python"]);
  report(exported, ["export"]);

  function report(value: unknown, path: YamlPath): void {
    if (isMap(value)) {
      if (COMMANDS.test(String(path.at(-1)))) return;
      for (const [key, inner] of Object.entries(value)) report(inner, [...path, key]);
      return;
    }
    const key = String(path.at(-1));
    if (typeof value !== "string" || !PLAIN.test(key)) return;
    const problem = placeholderProblem(value, `the value of '${key}'`);
    if (problem === undefined) return;
    const at = document.value(path);
    found.push({ at, path: pathText(path), problem });
  }

  const [first, ...others] = found;
  if (!first) return;
  const lines = [...new Set(others.map(({ at }) => at.line))].sort((a, b) => a - b);
  const more = lines.length > 0 ? `; the same in ${lineRanges(lines)}` : "";
  findings.cause(first.at, first.path, first.problem + more, lines);
}
