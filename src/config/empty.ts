/** Configs that export nothing. @module */
import type { ExporterConfig } from "./exporter_config.ts";
import type { Diagnostic } from "./yaml/diagnostics.ts";

/** The error about a config without drivers, with which an exporter starts all the same. */
export function exportsNothing({ export: entries, file, locate }: ExporterConfig): Diagnostic[] {
  if (entries.length > 0) return [];
  const message = "expected drivers below 'export:', found none, so that clients have nothing to " +
    "use; write the name of a driver below 'export:', and its 'type:' below that";
  return [{
    severity: "error",
    scope: "entry",
    file,
    ...locate(["export"]),
    path: "export",
    message,
  }];
}
