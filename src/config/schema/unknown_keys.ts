/** Unknown keys in the fields of a config. @module */
import type { z } from "zod";
import type { Findings } from "../yaml/diagnostics.ts";
import { didYouMean } from "../../text/nearest.ts";
import type { YamlPath } from "../yaml/position.ts";
import { isMap } from "../yaml/map.ts";
import { dropsUnknownKeys, shapeOf } from "./known_keys.ts";

/**
 * Warns of keys that `schema` does not have, in `value` and the maps inside it. The official
 * exporter ignores such keys, so they are no errors, except in strict objects, where the
 * schema itself reports them.
 */
export function warnOfUnknownKeys(
  schema: z.ZodType,
  value: unknown,
  findings: Findings,
  path: YamlPath = [],
): void {
  const shape = shapeOf(schema);
  if (!shape || !isMap(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const member = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (member) warnOfUnknownKeys(member, inner, findings, [...path, key]);
    else if (dropsUnknownKeys(schema)) {
      findings.warning([...path, key], unknownKey(key, inner, shape, path), "key");
    }
  }
}

function unknownKey(
  key: string,
  value: unknown,
  shape: Record<string, unknown>,
  path: YamlPath,
): string {
  if (path.length === 0 && isMap(value) && ("type" in value || "ref" in value)) {
    return `expected drivers under 'export:', found '${key}' beside it, which is ignored; ` +
      `indent it below 'export:'`;
  }
  const where = path.length === 0 ? "an exporter config" : `'${path.join(".")}'`;
  const names = path.length === 0 ? [...Object.keys(shape), "export"] : Object.keys(shape);
  const camel = names.filter((name) => !name.includes("_"));
  const advice = didYouMean(key, camel) || `; known keys: ${camel.join(", ")}`;
  return `expected a key of ${where}, found '${key}', which is ignored${advice}`;
}
