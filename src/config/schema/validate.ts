/**
 * A YAML value against a schema, with the YAML 1.1 readings of the official exporter:
 * where a schema rejects a value but accepts what YAML 1.1 makes of it (`yes` for true),
 * that is what the user meant.
 *
 * @module
 */
import { Scalar } from "yaml";
import type { z } from "zod";
import type { Findings } from "../yaml/diagnostics.ts";
import { type Complaint, complaints } from "./issues.ts";
import { type LegacyReading, readLegacy } from "../yaml/yaml11.ts";
import { didYouMean } from "../../text/nearest.ts";
import type { YamlDocument } from "../yaml/document.ts";
import type { YamlPath } from "../yaml/position.ts";
import { knownKeys } from "./known_keys.ts";
import { isSecret } from "../yaml/secrets.ts";

/** Where a value comes from and what is told about it. */
export interface ValueContext {
  readonly document: YamlDocument;
  readonly findings: Findings;
  /** Where the value stands. */
  readonly path: YamlPath;
  /** Whose keys they are: `jumpstarter_driver_pyserial.driver.PySerial`. */
  readonly owner: string;
}

/** The parsed `value`, or undefined after reporting every complaint at its place. */
export async function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  context: ValueContext,
): Promise<z.output<S> | undefined> {
  const first = await schema.safeParseAsync(value);
  if (first.success) {
    warnOfReadings(value, first.data, [], context);
    return first.data;
  }
  const patched = withLegacyReadings(value, first.error.issues, context);
  const second = await schema.safeParseAsync(patched);
  if (second.success) {
    warnOfReadings(patched, second.data, [], context);
    return second.data;
  }
  for (const issue of second.error.issues) {
    for (const complaint of complaints(issue, value)) reportComplaint(schema, complaint, context);
  }
  return undefined;
}

function reportComplaint(schema: z.ZodType, complaint: Complaint, context: ValueContext): void {
  const { findings, owner } = context;
  const path = [...context.path, ...complaint.path];
  if (complaint.kind === "value") return findings.error(path, complaint.message);
  if (complaint.kind === "missing") {
    return findings.error(path.slice(0, -1), complaint.message, "key");
  }
  const known = knownKeys(schema, complaint.path.slice(0, -1));
  const name = String(complaint.path.at(-1));
  const list = known.length > 0 ? ` (it has ${known.join(", ")})` : "";
  const suggestion = didYouMean(name, known) || "; remove it";
  findings.error(path, `expected a key of ${owner}${list}, found '${name}'${suggestion}`, "key");
}

/** A copy of `value` in which what the issues complain of is read as YAML 1.1. */
function withLegacyReadings(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  context: ValueContext,
): unknown {
  const root: Container = { value: structuredClone(value) };
  for (const { path } of issues.flatMap((issue) => complaints(issue, value))) {
    const reading = differentReading([...context.path, ...path], context.document);
    if (!reading || reading.value === undefined) continue;
    const steps = ["value", ...path];
    const parent = steps.slice(0, -1).reduce<Container>(
      (inner, step) => inner[step] as Container,
      root,
    );
    parent[steps.at(-1)!] = reading.value;
  }
  return root.value;
}

type Container = Record<string | number, unknown>;

/**
 * Warns of every scalar in an accepted value that the official exporter reads in another
 * way, unless the schema has made the same of it.
 */
function warnOfReadings(
  value: unknown,
  parsed: unknown,
  path: YamlPath,
  context: ValueContext,
): void {
  if (typeof value === "object" && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      const parsedInner = (parsed as Container | null | undefined)?.[key];
      warnOfReadings(inner, parsedInner, [...path, isList ? Number(key) : key], context);
    }
    return;
  }
  const full = [...context.path, ...path];
  const reading = differentReading(full, context.document);
  if (!reading || Object.is(reading.value, parsed)) return;
  const written = context.document.scalar(full)?.source ?? "";
  context.findings.warning(full, difference(value, written, reading, isSecret(full.at(-1) ?? "")));
}

function difference(
  value: unknown,
  written: string,
  { words }: LegacyReading,
  secret: boolean,
): string {
  const isText = typeof value === "string";
  if (secret) {
    const ours = isText ? "text" : "a number";
    return `this is ${ours} here, but the official exporter reads something else (YAML 1.1); ` +
      "write it in quotes";
  }
  const ours = isText ? "text" : `the number ${value}`;
  return `${written} is ${ours} here, but the official exporter reads ${words} (YAML 1.1); ` +
    (isText ? `write "${written}" in quotes` : `write ${value}`);
}

/** What YAML 1.1 makes of the plain scalar at `path`, where that is something else. */
function differentReading(path: YamlPath, document: YamlDocument): LegacyReading | undefined {
  const scalar = document.scalar(path);
  if (!scalar || scalar.type !== Scalar.PLAIN || scalar.tag || scalar.source === undefined) {
    return undefined;
  }
  const reading = readLegacy(scalar.source);
  const areTexts = typeof reading.value === "string" && typeof scalar.value === "string";
  return areTexts || Object.is(reading.value, scalar.value) ? undefined : reading;
}
