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
    else if (dropsUnknownKeys(schema)) reportUnknown(key, inner, shape, findings, path);
  }
}

/**
 * Reports a key that `shape` does not have. One that is misspelt or belongs elsewhere is an error,
 * though nothing is unusable because of it.
 */
function reportUnknown(
  key: string,
  value: unknown,
  shape: Record<string, z.ZodType>,
  findings: Findings,
  path: YamlPath,
): void {
  const isTop = path.length === 0;
  const names = [...Object.keys(shape), ...isTop ? ["export"] : []].filter((name) =>
    !name.includes("_")
  );
  const where = isTop ? "an exporter config" : `'${path.join(".")}'`;
  const message = `expected a key of ${where}, found '${key}', which is ignored`;
  const mistake = isTop ? misplacedKey(key, value, shape) : undefined;
  const suggestion = didYouMean(key, names);
  const full = [...path, key];
  if (mistake !== undefined || suggestion) {
    findings.within("entry").error(full, mistake ?? message + suggestion, "key");
    return;
  }
  const known = isTop ? "see the output of jmp config schema" : names.join(", ");
  findings.warning(full, `${message}; known keys: ${known}`, "key");
}

/** The message about a key that is known one level deeper or further left, or by another name. */
function misplacedKey(
  key: string,
  value: unknown,
  shape: Record<string, z.ZodType>,
): string | undefined {
  if (isEntry(value)) {
    return `expected drivers under 'export:', found '${key}' beside it, which is ignored; ` +
      `indent it below 'export:'`;
  }
  if (key === "spec" && isMap(value)) {
    return "expected the keys of an exporter config at the top level, found them below 'spec:', " +
      "which is ignored; remove 'spec:' and indent its keys less";
  }
  if (isMap(value) && Object.values(value).some(isEntry)) {
    return `expected drivers below 'export:', found them below '${key}:', which is ignored; ` +
      "rename it to 'export:'";
  }
  const parent = Object.keys(shape).find((outer) =>
    Object.hasOwn(shapeOf(shape[outer]) ?? {}, key)
  );
  return parent && `expected '${key}' below '${parent}:', found it beside it, so it is ignored; ` +
      `indent it below '${parent}:'`;
}

/** Whether a value looks like the entry of a driver. */
function isEntry(value: unknown): boolean {
  return isMap(value) && ["type", "ref", "children"].some((key) => key in value);
}
