/** An `export:` block that shows how a driver is configured. @module */
import { stringify } from "yaml";
import type { ConfigKey } from "./driver.ts";
import { entryName } from "./names.ts";

/** The driver of a sample. */
export interface SampleDriver {
  readonly type: string;
  readonly keys?: readonly ConfigKey[] | undefined;
  /** Whether to show a child. @default false */
  readonly children?: boolean;
}

/** Shows the required keys with example values, and the others in comments with their defaults. */
export function sampleOf({ type, keys = [], children = false }: SampleDriver): string {
  return [
    "export:",
    `  ${entryName(type)}:`,
    ...indented(4, yaml({ type })),
    ...indented(4, configLines(keys)),
    ...(children ? indented(4, yaml(CHILD)) : []),
  ].join("\n");
}

const CHILD = { children: { power: { type: "jumpstarter_driver_power.driver.MockPower" } } };

function configLines(keys: readonly ConfigKey[]): string[] {
  const required = keys.filter((key) => key.required)
    .flatMap((key) => yaml({ [key.name]: exampleOf(key) }));
  const optional = keys.filter((key) => !key.required && key.default !== undefined)
    .flatMap((key) => yaml({ [key.name]: key.default }));
  if (required.length === 0) {
    return optional.length === 0 ? [] : commented(["config:", ...indented(2, optional)]);
  }
  return ["config:", ...indented(2, [...required, ...commented(optional)])];
}

/** A value of the right type, if the driver gives no example. */
function exampleOf({ example, type }: ConfigKey): unknown {
  if (example !== undefined) return example;
  if (/^(integer|number|int|float)\b/.test(type)) return 1;
  if (/^bool/.test(type)) return true;
  if (/^list/.test(type)) return [];
  return /^(map|dict)/.test(type) ? {} : "…";
}

/** Quotes what YAML 1.1 would read as another type, since the official exporter reads that. */
function yaml(value: unknown): string[] {
  return stringify(value, { version: "1.1", lineWidth: 0 }).trimEnd().split("\n");
}

function indented(columns: number, lines: readonly string[]): string[] {
  return lines.map((line) => " ".repeat(columns) + line);
}

function commented(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`);
}
