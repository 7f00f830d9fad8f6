/** Values of a config that the official exporter, by YAML 1.1, reads differently. @module */
import { Scalar } from "yaml";
import type { Findings } from "../yaml/diagnostics.ts";
import type { YamlDocument } from "../yaml/document.ts";
import type { YamlPath } from "../yaml/position.ts";
import { isSecret } from "../../text/secret_key.ts";
import { readYaml11, type Yaml11Reading } from "../yaml/yaml11.ts";

/** The position of a value, and the findings to report to. */
export interface ReadingContext {
  readonly document: YamlDocument;
  readonly findings: Findings;
  /** Path of the value. */
  readonly path: YamlPath;
}

type Container = Record<string | number, unknown>;

/** A copy of `value` with the scalars at `paths` (from `value`) read by YAML 1.1. */
export function withYaml11Readings(
  value: unknown,
  paths: readonly YamlPath[],
  context: ReadingContext,
): unknown {
  const root: Container = { value: structuredClone(value) };
  for (const path of paths) {
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

/**
 * Warns of every scalar in `value` that the official exporter reads in another way, unless
 * the schema turned it into the same value in `parsed`.
 *
 * @param path from the value of `context`.
 */
export function warnOfReadings(
  value: unknown,
  parsed: unknown,
  context: ReadingContext,
  path: YamlPath = [],
): void {
  if (typeof value === "object" && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      const parsedInner = (parsed as Container | null | undefined)?.[key];
      warnOfReadings(inner, parsedInner, context, [...path, isList ? Number(key) : key]);
    }
    return;
  }
  const full = [...context.path, ...path];
  const reading = differentReading(full, context.document);
  if (!reading || [value, parsed].some((ours) => Object.is(reading.value, ours))) return;
  const written = context.document.scalar(full)?.source ?? "";
  context.findings.warning(full, difference(value, written, reading, isSecret(full.at(-1) ?? "")));
}

function difference(
  value: unknown,
  written: string,
  { words }: Yaml11Reading,
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

/** The YAML 1.1 reading of the plain scalar at `path`, or undefined if it is the same. */
function differentReading(path: YamlPath, document: YamlDocument): Yaml11Reading | undefined {
  const scalar = document.scalar(path);
  if (!scalar || scalar.type !== Scalar.PLAIN || scalar.tag || scalar.source === undefined) {
    return undefined;
  }
  const reading = readYaml11(scalar.source);
  const areTexts = typeof reading.value === "string" && typeof scalar.value === "string";
  return areTexts || Object.is(reading.value, scalar.value) ? undefined : reading;
}
