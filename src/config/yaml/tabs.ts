/** Tabs between parts of a line, which the official exporter refuses. @module */
import { type Document, isPair, isScalar, visit } from "yaml";
import type { Findings } from "./diagnostics.ts";
import type { YamlDocument } from "./document.ts";

/** Warns of tabs after a colon, before a comment and at the end of a line. */
export function warnOfTabs(document: YamlDocument, text: string, findings: Findings): void {
  const lines = new Set<number>();
  visit(document.ast as Document, {
    Scalar(_, { range, type }, ancestors) {
      if (!range || type?.startsWith("BLOCK")) return;
      const parent = ancestors.at(-1);
      const key = isPair(parent) && isScalar(parent.key) ? parent.key.range : undefined;
      const before = key && key[1] < range[0] ? text.slice(key[1], range[0]) : "";
      const after = /^[ \t]*/.exec(text.slice(range[1]))![0];
      if (!before.includes("\t") && !after.includes("\t")) return;
      const start = before.includes("\t") ? key![1] : range[1];
      const at = document.at(text.indexOf("\t", start));
      if (lines.has(at.line)) return;
      lines.add(at.line);
      const message = "found a tab (U+0009), at which the official exporter refuses the file; " +
        "replace it by a space";
      findings.add("warning", at, "", message);
    },
  });
}
