/** The form of an entry of `export:`, told by its keys, and mistakes in those. @module */
import type { Findings } from "../yaml/diagnostics.ts";
import { fields } from "./fields.ts";
import { ENTRY_KEYS } from "./entry_indentation.ts";
import { didYouMean, nearest } from "../../text/nearest.ts";
import type { YamlDocument } from "../yaml/document.ts";
import { pathText, type YamlPath } from "../yaml/position.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { describeValue } from "../../text/value.ts";

interface Context {
  readonly document: YamlDocument;
  readonly findings: Findings;
  /** The settings of the entry's driver, as far as they are known. */
  readonly settings: readonly string[];
}

/** What an entry defines: a driver, a group without a type, or a second name of a driver. */
export type EntryForm = "driver" | "composite" | "proxy";

/**
 * The keys that make up each form, the first of which decides, in the order of preference of the
 * official exporter. It ignores the other keys.
 */
const FORMS: readonly [form: EntryForm, keys: readonly string[]][] = [
  ["driver", ["type", "config", "children", "python", "description", "methods_description"]],
  ["composite", ["children", "description"]],
  ["proxy", ["ref"]],
];

/**
 * The form of `entry`, or undefined after reporting that it was meant to have another one than it
 * has. The official exporter reads an entry that it does not understand as an empty group.
 */
export function entryForm(
  entry: YamlMap,
  path: YamlPath,
  context: Context,
): EntryForm | undefined {
  const found = FORMS.find(([, [key]]) => isGiven(entry, key!)) ??
    FORMS.find(([, [key]]) => key! in entry);
  for (const key of Object.keys(entry).filter((key) => !isKnown(entry, key))) {
    const isMeant = !found && nearest(key, DECISIVE) !== undefined;
    reportUnknown(key, entry[key], path, isMeant ? "error" : "warning", context);
  }
  if (!found) return reportNoForm(entry, path, context);
  const [form, [decisive, ...others]] = found;
  for (const key of ENTRY_KEYS) {
    if (!(key in entry) || key === decisive || others.includes(key)) continue;
    context.findings.warning([...path, key], IGNORED[form](key), "key");
  }
  return form;
}

/** The keys that tell which program serves the driver, and how it is started. */
const PROGRAM_KEYS = [
  "command",
  "env",
  "cwd",
  "keep",
  "startTimeout",
  "host",
  "runtime",
  // The official project's Rust exporter writes it beside `host`; the report has it as well.
  "interface",
];

function isKnown(entry: YamlMap, key: string): boolean {
  const isProgram = entry.type === "exec" || "host" in entry || "runtime" in entry;
  return ENTRY_KEYS.includes(key) || (isProgram && PROGRAM_KEYS.includes(key));
}

const DECISIVE = FORMS.map(([, [key]]) => key!);

/** Whether a key has a value that it can have: another one does not decide if there is a choice. */
function isGiven(entry: YamlMap, key: string): boolean {
  return key === "children" ? isMap(entry[key]) : typeof entry[key] === "string";
}

/** The messages about a known key that the form of an entry has no use for. */
const IGNORED: Readonly<Record<EntryForm, (key: string) => string>> = {
  driver: (key) =>
    `expected 'type' or '${key}', found both, so '${key}' is ignored: 'type' defines a driver, ` +
    "'ref' names another one; remove one of them",
  composite: (key) =>
    key === "ref" || key === "type"
      ? `expected 'children' or '${key}', found both, so '${key}' is ignored; remove one of them`
      : `expected 'type' beside '${key}', found only 'children', so '${key}' is ignored; ` +
        `add the type of the driver, or remove '${key}'`,
  proxy: (key) =>
    `expected nothing beside 'ref', found '${key}', which is ignored: ` +
    "a reference has the settings of the driver that it names",
};

/** The message about an entry that is not a map. */
export function notAnEntry(name: string, value: unknown): string {
  const wanted = `expected 'type:', 'children:' or 'ref:' below '${name}:'`;
  if (name === "type" && typeof value === "string") {
    return "expected the name of a driver, found 'type'; write a name with a colon above it, and " +
      "indent 'type' and the keys beside it below that";
  }
  if (typeof value === "string" && /^\w+(?:\.\w+)+$/.test(value)) {
    return `${wanted}, found ${describeValue(value)} beside it; write 'type: ${value}' below it`;
  }
  const advice = value === null
    ? "indent the driver's keys below it"
    : "write the driver's keys below it";
  return `${wanted}, found ${describeValue(value)}; ${advice}`;
}

/** The message about an `export:` or `children:` that is not a map. */
export function notEntries(value: unknown, key: string): string {
  if (isEmpty(value) && !Array.isArray(value)) {
    return `expected drivers below '${key}:', found nothing; ` +
      `indent the names of the drivers below it, or remove '${key}:'`;
  }
  const advice = Array.isArray(value)
    ? "write 'name:' instead of '-'"
    : `write the names of the drivers with a colon below '${key}:'`;
  return `expected a map of drivers by name, found ${describeValue(value)}; ${advice}`;
}

/** Whether `value` is nothing, or empty text or an empty list, where a map is expected. */
export function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

function reportUnknown(
  key: string,
  value: unknown,
  path: YamlPath,
  severity: "error" | "warning",
  { document, findings, settings }: Context,
): void {
  const full = [...path, key];
  if (settings.includes(key)) {
    const message = `expected the driver's setting '${key}' below 'config:', found it beside it, ` +
      "where it is ignored; indent it below 'config:'";
    return findings.cause(document.key(full), pathText(full), message);
  }
  const ignored = severity === "error" ? "" : ", which is ignored";
  if (isMap(value) && ("type" in value || "ref" in value || "children" in value)) {
    const surplus = document.key(full).column - document.key(path).column;
    const move = surplus > 0 ? `indent it by ${surplus} fewer spaces` : "move it out";
    const message = `expected a key of '${path.at(-1)}', found what looks like another driver` +
      `${ignored}; ${move}, or put it below 'children:'`;
    return findings[severity](full, message, "key");
  }
  const suggestion = didYouMean(key, ENTRY_KEYS) || settingAdvice(key);
  const message = `expected a key of a driver's entry, found '${key}'${ignored}${suggestion}`;
  if (severity === "error") return findings.error(full, message, "key");
  if (nearest(key, ENTRY_KEYS) === undefined) return findings.warning(full, message, "key");
  findings.within("entry").error(full, message, "key");
}

function settingAdvice(key: string): string {
  return `; if '${key}' is a setting of the driver, put it below 'config:'`;
}

/** Without settings of a driver, the entry is an empty group, as for the official exporter. */
function reportNoForm(
  entry: YamlMap,
  path: YamlPath,
  { findings }: Context,
): EntryForm | undefined {
  const keys = Object.keys(entry);
  const name = String(path.at(-1));
  if (path.length === 2 && Object.hasOwn(fields.shape, name)) {
    const message =
      `expected '${name}' beside 'export:', found it below it, where it is the name ` +
      "of a driver; indent it like 'export:'";
    findings.error(path, message, "key");
    return undefined;
  }
  if (keys.some((key) => nearest(key, DECISIVE) !== undefined)) return undefined;
  if (keys.includes("config")) {
    const inner = isMap(entry.config) && DECISIVE.find((key) => key in (entry.config as YamlMap));
    const message = inner
      ? `expected '${inner}' beside 'config:', found it below it; indent it like 'config:'`
      : noForm(entry);
    findings.error(path, message, "key");
    return undefined;
  }
  findings.warning(path, `${noForm(entry)}; until then it is an empty group`, "key");
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
