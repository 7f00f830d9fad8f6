/** The form of an entry of `export:`, told by its keys, and mistakes in those. @module */
import type { Findings } from "../yaml/diagnostics.ts";
import { ENTRY_KEYS } from "./entry_indentation.ts";
import { didYouMean, nearest } from "../../text/nearest.ts";
import type { YamlDocument } from "../yaml/document.ts";
import type { YamlPath } from "../yaml/position.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { describeValue } from "../../text/value.ts";

interface Context {
  readonly document: YamlDocument;
  readonly findings: Findings;
}

/**
 * The form of `entry`, or undefined after reporting that it has none. The official exporter
 * reads an entry that it does not understand as an empty composite.
 */
export function entryForm(
  entry: YamlMap,
  path: YamlPath,
  context: Context,
): "driver" | "composite" | "proxy" | undefined {
  const unknown = Object.keys(entry).filter((key) => !ENTRY_KEYS.includes(key));
  for (const key of unknown) reportUnknown(key, entry[key], path, context);
  if ("ref" in entry) return proxyForm(entry, path, context);
  if ("type" in entry) return "driver";
  if ("children" in entry) return compositeForm(entry, path, context);
  const meantType = unknown.some((key) => nearest(key, ENTRY_KEYS) !== undefined);
  if (!meantType) context.findings.error(path, noForm(entry), "key");
  return undefined;
}

/** The message about an entry that is not a map. */
export function notAnEntry(name: string, value: unknown): string {
  const wanted = `expected 'type:', 'children:' or 'ref:' below '${name}:'`;
  if (typeof value === "string" && /^[\w/]+(?:\.\w+)+$/.test(value)) {
    return `${wanted}, found ${describeValue(value)} beside it; write 'type: ${value}' below it`;
  }
  const advice = value === null ? "indent the driver's keys below it" : "write a map";
  return `${wanted}, found ${describeValue(value)}; ${advice}`;
}

/** The message about an `export:` or `children:` that is not a map. */
export function notEntries(value: unknown, key: string): string {
  if (value === null) {
    return `expected drivers below '${key}:', found nothing; ` +
      `indent the names of the drivers below it, or remove '${key}:'`;
  }
  const advice = Array.isArray(value) ? "; write 'name:' instead of '-'" : "";
  return `expected a map of drivers by name, found ${describeValue(value)}${advice}`;
}

function reportUnknown(key: string, value: unknown, path: YamlPath, context: Context): void {
  const { document, findings } = context;
  const full = [...path, key];
  if (isMap(value) && ("type" in value || "ref" in value || "children" in value)) {
    const surplus = document.key(full).column - document.key(path).column;
    const move = surplus > 0 ? `indent it by ${surplus} fewer spaces` : "move it out";
    const message = `expected a key of '${path.at(-1)}', found what looks like another driver; ` +
      `${move}, or put it below 'children:'`;
    return findings.error(full, message, "key");
  }
  const suggestion = didYouMean(key, ENTRY_KEYS) || settingAdvice(key);
  const known = ENTRY_KEYS.join(", ");
  findings.error(full, `expected a key of a driver (${known}), found '${key}'${suggestion}`, "key");
}

function settingAdvice(key: string): string {
  return `; if '${key}' is a setting of the driver, put it below 'config:'`;
}

function proxyForm(entry: YamlMap, path: YamlPath, { findings }: Context): "proxy" | undefined {
  for (const key of ["type", "children"]) {
    if (!(key in entry)) continue;
    const message = `expected 'ref' or '${key}', found both: 'ref' names another driver, ` +
      `'${key}' defines a new one; remove one of them`;
    findings.error([...path, "ref"], message, "key");
    return undefined;
  }
  for (const key of ["config", "description", "methods_description"]) {
    if (!(key in entry)) continue;
    const message = `expected nothing beside 'ref', found '${key}', which is ignored: ` +
      "a reference has the settings of the driver that it names";
    findings.warning([...path, key], message, "key");
  }
  return "proxy";
}

function compositeForm(
  entry: YamlMap,
  path: YamlPath,
  { findings }: Context,
): "composite" | undefined {
  for (const key of ["config", "methods_description"]) {
    if (!(key in entry)) continue;
    const message = `expected 'type' beside '${key}', found only 'children'; add the type ` +
      `of the driver, or remove '${key}'`;
    findings.error([...path, key], message, "key");
    return undefined;
  }
  return "composite";
}

function noForm(entry: YamlMap): string {
  const keys = Object.keys(entry);
  const found = keys.length === 0
    ? "an empty map"
    : `only ${keys.map((key) => `'${key}'`).join(", ")}`;
  return `expected 'type:' (a driver), 'children:' (a group) or 'ref:' (a second name), ` +
    `found ${found}; add one of them`;
}
