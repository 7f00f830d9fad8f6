/** Reads the fields of a config except `export`. @module */
import { z } from "zod";
import type { Findings } from "../yaml/diagnostics.ts";
import type { YamlDocument } from "../yaml/document.ts";
import type { YamlMap } from "../yaml/map.ts";
import { CONTROLLER_FIELDS, type Fields, fields, IGNORED_FIELDS } from "./fields.ts";
import { validate } from "./validate.ts";

/**
 * The fields of `value`, or undefined after reporting why the file cannot be used. A wrong value
 * that matters only with a controller, or that the official exporter ignores, is left out.
 */
export async function readFields(
  value: YamlMap,
  document: YamlDocument,
  findings: Findings,
): Promise<Fields | undefined> {
  const ignored = findings.tolerating("it is ignored");
  const scopes: [Findings, readonly (keyof Fields)[]][] = [
    [findings.within("controller"), CONTROLLER_FIELDS],
    [ignored, IGNORED_FIELDS],
  ];
  const usable: Record<string, unknown> = { ...value };
  const context = { document, path: [], owner: "'metadata'", remedy: outOfMetadata };
  for (const [findings, keys] of scopes) {
    for (const key of keys.filter((key) => key in value)) {
      const schema = z.object({ [key]: fields.shape[key] });
      const given = { [key]: value[key] };
      if ((await schema.safeParseAsync(given)).success) continue;
      if (!await validate(schema, given, { ...context, findings })) delete usable[key];
    }
  }
  return await validate(fields, usable, { ...context, findings });
}

function outOfMetadata(key: string): string | undefined {
  if (key === "labels") return "set labels at the controller, and remove them here";
  const isOwn = key === "export" || Object.hasOwn(fields.shape, key);
  return isOwn ? `move it out of 'metadata:', so that it is indented like it` : undefined;
}
