/**
 * Reads an exporter config: all that is wrong with it at once, each with its place and
 * what to do. Looks at no hardware.
 *
 * @module
 */
import { readAtMost } from "../files/read_at_most.ts";
import { messageOf } from "../wire/error.ts";
import { findAliasProblem } from "./yaml/aliases.ts";
import { type Diagnostic, Findings } from "./yaml/diagnostics.ts";
import { type EntryContext, readEntries } from "./schema/entries.ts";
import { fields } from "./schema/fields.ts";
import { mendIndentation } from "./schema/entry_indentation.ts";
import { checkKeys, findBadKey } from "./yaml/map_keys.ts";
import type { Env } from "./lookup.ts";
import { readNumbersAsOfficial } from "./yaml/numbers.ts";
import { YamlDocument } from "./yaml/document.ts";
import { pathText } from "./yaml/position.ts";
import { buildCheckedTree } from "./schema/references.ts";
import type { ExporterConfig } from "./exporter_config.ts";
import { secretWords } from "./yaml/secrets.ts";
import { type Settings, settle } from "./settings.ts";
import { findSyntaxProblem, type SyntaxProblem } from "./yaml/syntax.ts";
import { tokenFileProblem } from "./credentials.ts";
import { checkTopLevel } from "./schema/top_level.ts";
import type { DriverSources } from "./schema/driver_types.ts";
import { validate } from "./schema/validate.ts";
import { isMap, type YamlMap } from "./yaml/map.ts";
import { describeValue } from "./schema/describe.ts";

export { requireController } from "./controller_requirements.ts";

/** What a config is read against. */
export interface LoadOptions extends DriverSources {
  /** JMP_NAMESPACE and JMP_NAME fill what the file leaves out, JMP_ENDPOINT and JMP_TOKEN override it. */
  readonly env: Env;
}

/** A config that was read, or why not. */
export interface LoadedConfig {
  /** Undefined when there is any error among the diagnostics. */
  readonly config?: ExporterConfig;
  /** In the order of the file. */
  readonly diagnostics: Diagnostic[];
}

/** Largest config in bytes; a bench with a hundred drivers has some ten thousand. */
const MAX_FILE = 4 * 1024 * 1024;

/** Reads the config in `file`. Never throws: what is wrong is in the diagnostics. */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadedConfig> {
  let text: string | undefined;
  try {
    const bytes = await readAtMost(file, MAX_FILE);
    if (!bytes) return failure(file, `expected a config of at most ${MAX_FILE} bytes, found more`);
    text = decode(bytes);
  } catch (error) {
    return failure(file, `expected a file to read, found: ${messageOf(error)}`);
  }
  if (text !== undefined) return await parseConfig(text, file, options);
  return failure(file, "expected UTF-8 text, found other bytes; save the file as UTF-8");
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Reads `text` as the content of `file`. */
export async function parseConfig(
  text: string,
  file: string,
  options: LoadOptions,
): Promise<LoadedConfig> {
  const mended = mendIndentation(text);
  const document = new YamlDocument(mended.text, mended.shifts);
  const findings = new Findings(file, document, secretWords(text));
  for (const problem of mended.problems) {
    findings.add("error", problem, pathText(problem.path), problem.message);
  }
  const value = readDocument(document, mended.text, findings);
  const config = value && await readConfig(value, { ...options, file, document, findings });
  const diagnostics = findings.sorted();
  return config && !findings.failed ? { config, diagnostics } : { diagnostics };
}

/** The document as a value, or undefined where it is none and that has been reported. */
function readDocument(
  document: YamlDocument,
  text: string,
  findings: Findings,
): YamlMap | undefined {
  const problem = findSyntaxProblem(document, text) ?? aliasProblem(document) ??
    findBadKey(document);
  if (problem) {
    findings.add("error", problem.at, "", problem.message);
    return undefined;
  }
  checkKeys(document, findings);
  readNumbersAsOfficial(document, findings);
  // Bombs of aliases are counted by aliasProblem.
  const value: unknown = document.ast.toJS({ maxAliasCount: -1 });
  if (isMap(value)) return value;
  const found = value === null ? "an empty file" : describeValue(value);
  const keys = "apiVersion, kind, metadata and export";
  findings.error([], `expected an exporter config, found ${found}; write the keys ${keys}`);
  return undefined;
}

function aliasProblem(document: YamlDocument): SyntaxProblem | undefined {
  const problem = findAliasProblem(document.ast);
  return problem && { at: document.at(problem.offset), message: problem.message };
}

interface Context extends EntryContext {
  readonly env: Env;
}

async function readConfig(value: YamlMap, context: Context): Promise<ExporterConfig | undefined> {
  const { file, document, findings, env } = context;
  const exported = checkTopLevel(value, document, findings);
  const { export: _, ...rest } = value;
  const given = await validate(fields, rest, { document, findings, path: [], owner: "'metadata'" });
  const read = await readEntries(exported, ["export"], context);
  const settings = given && settle(given, file, env, findings);
  const identity = settings?.identity ?? { namespace: "", name: "" };
  const tree = buildCheckedTree(read, identity, settings?.description, findings);
  if (!settings) return undefined;
  if (!env.JMP_TOKEN) await checkPermissions(settings, findings);
  return { ...settings, export: read.entries, tree, locate: (path) => document.key(path) };
}

/** Warns where everybody on the host may read or change the token. */
async function checkPermissions(settings: Settings, findings: Findings): Promise<void> {
  const inline = settings.token ? await tokenFileProblem(settings.file) : undefined;
  if (inline) findings.warning(["token"], inline, "key");
  for (const file of settings.tokenFiles) {
    const problem = await tokenFileProblem(file);
    if (problem) findings.warning(["tokenFile"], problem);
  }
}

function failure(file: string, message: string): LoadedConfig {
  return { diagnostics: [{ severity: "error", file, line: 1, column: 1, path: "", message }] };
}
