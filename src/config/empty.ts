/** Configs that export nothing. @module */
import type { ParsedConfig } from "./parse.ts";
import type { Diagnostic } from "./yaml/diagnostics.ts";

/**
 * The diagnostics of a config, and an error if it has no drivers. An exporter starts with it all
 * the same. Other errors are likely to be the reason, and suffice.
 */
export function withEmptiness({ config, diagnostics }: ParsedConfig): readonly Diagnostic[] {
  const isMeant = diagnostics.every(({ severity }) => severity !== "error");
  if (!config || config.export.length > 0 || !isMeant) return diagnostics;
  const { file, locate } = config;
  const message = "expected drivers below 'export:', found none, so that clients have nothing to " +
    "use; write the name of a driver below 'export:', and its 'type:' below that";
  const found = { severity: "error", scope: "entry", path: "export" } as const;
  return [...diagnostics, { ...found, file, ...locate(["export"]), message }];
}
