/** Parses the text of an exporter config. Touches no hardware. @module */
import { tokenFileProblem } from "./credentials.ts";
import type { ExporterConfig } from "./exporter_config.ts";
import type { Env } from "./folders.ts";
import { openDocument } from "./open_document.ts";
import { describeValue } from "../text/value.ts";
import type { ProcessHosts } from "../tree/loader.ts";
import type { DriverSources } from "./schema/driver_types.ts";
import { type EntryContext, readEntries } from "./schema/entries.ts";
import { reportPlaceholders } from "./schema/placeholders.ts";
import { fields } from "./schema/fields.ts";
import { foreignText, foreignValue } from "./schema/foreign.ts";
import { readFields } from "./schema/read_fields.ts";
import { buildCheckedTree } from "./schema/references.ts";
import { checkTopLevel } from "./schema/top_level.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { type Diagnostic, Findings } from "./yaml/diagnostics.ts";
import { lineRanges } from "./yaml/lines.ts";
import { isMap, type YamlMap } from "./yaml/map.ts";
import type { YamlPath } from "./yaml/position.ts";
import { readValue } from "./yaml/read.ts";
import { secretWords } from "./yaml/secrets.ts";

/** The drivers and environment that a config is parsed with. */
export interface ParseOptions extends DriverSources {
  /** Finds drivers that other processes serve. @default none */
  readonly hosts?: ProcessHosts;
  /** JMP_NAMESPACE and JMP_NAME supply what the file omits; JMP_ENDPOINT and JMP_TOKEN override it. */
  readonly env: Env;
}

/** A config, and every error and warning about it. */
export interface ParsedConfig {
  /** Undefined if any diagnostic is an error about the whole file. */
  readonly config?: ExporterConfig;
  /** In the order of the file. */
  readonly diagnostics: Diagnostic[];
}

/** Parses `text` as the content of `file`. Mistakes in it are diagnostics, and never throw. */
export async function parseConfig(
  text: string,
  file: string,
  options: ParseOptions,
): Promise<ParsedConfig> {
  const opened = openDocument(text);
  const { document, misplaced } = opened;
  const findings = new Findings({ file, document, secrets: secretWords(text) });
  if (opened.moved.length > 0) warnOfSpans(opened.moved, findings);
  const read = readValue(document, opened.text, findings, foreignText(text));
  const value = read && topLevelMap(read.value, text, findings);
  const python = typeof value?.python === "string" ? value.python : undefined;
  const processes = options.hosts?.forConfig({ file, text: opened.text, python });
  const context = { ...options, file, document, findings, misplaced, processes };
  const config = value && await readConfig(value, context);
  const diagnostics = findings.sorted();
  return config && !findings.problem ? { config, diagnostics } : { diagnostics };
}

function warnOfSpans(lines: readonly number[], findings: Findings): void {
  const message =
    "expected what is inside quotes or brackets indented deeper than the key before " +
    `them, found ${
      lineRanges(lines)
    } further left; indent that, because only some readers of YAML ` +
    "accept it";
  findings.add("warning", { line: lines[0]!, column: 1 }, "", message);
}

function topLevelMap(value: unknown, text: string, findings: Findings): YamlMap | undefined {
  const foreign = isMap(value)
    ? foreignValue(value, [...Object.keys(fields.shape), "export"], text)
    : foreignText(text);
  if (foreign !== undefined) {
    const at: YamlPath = isMap(value) && "kind" in value ? ["kind"] : [];
    findings.error(at, `expected an exporter config, found ${foreign}`);
    return undefined;
  }
  if (isMap(value)) return value;
  const found = value === null ? "an empty file" : describeValue(value);
  const keys = "apiVersion, kind, metadata and export";
  findings.error([], `expected an exporter config, found ${found}; write the keys ${keys}`);
  return undefined;
}

interface Context extends EntryContext {
  readonly env: Env;
}

async function readConfig(value: YamlMap, context: Context): Promise<ExporterConfig | undefined> {
  const { file, document, findings, env } = context;
  const exported = checkTopLevel(value, document, findings);
  reportPlaceholders(value, document, findings);
  const { export: _, ...rest } = value;
  const given = await readFields(rest, document, findings);
  const read = await readEntries(exported, ["export"], context);
  const settings = given && resolveSettings(given, file, env, findings);
  const identity = settings?.identity ?? { namespace: "", name: "" };
  const tree = buildCheckedTree(read, identity, settings?.description, findings);
  if (!settings) return undefined;
  if (!env.JMP_TOKEN) await checkPermissions(settings, findings);
  const controllerProblems = findings.sorted().filter(({ scope }) => scope === "controller");
  return {
    ...settings,
    ...(controllerProblems.length > 0 && { controllerProblems }),
    export: read.entries,
    tree,
    locate: (path) => document.key(path),
  };
}

/** Warns of files with the token that every user of the host may read or change. */
async function checkPermissions(settings: Settings, findings: Findings): Promise<void> {
  const inline = settings.token ? await tokenFileProblem(settings.file) : undefined;
  if (inline) findings.warning(["token"], inline, "key");
  for (const file of settings.tokenFiles) {
    const problem = await tokenFileProblem(file);
    if (problem) findings.warning(["tokenFile"], problem);
  }
}
