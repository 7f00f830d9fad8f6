/** An `export:` block that shows how a driver is configured. @module */
import { stringify } from "yaml";
import type { ConfigKey } from "./driver.ts";
import { entryName } from "./names.ts";

/** The driver of a sample. */
export interface SampleDriver {
  readonly type: string;
  readonly keys?: readonly ConfigKey[] | undefined;
  /** The names of the children to show. */
  readonly children?: readonly string[];
}

/** Shows the required keys with example values, and the others in comments with their defaults. */
export function sampleOf({ type, keys = [], children = [] }: SampleDriver): string {
  return [
    "export:",
    `  ${entryName(type)}:`,
    ...indented(4, yaml({ type })),
    ...indented(4, configLines(keys)),
    ...(children.length > 0 ? indented(4, yaml({ children: childrenOf(children) })) : []),
  ].join("\n");
}

const MOCK = { type: "jumpstarter_driver_power.driver.MockPower" };
const LOOP = { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: "loop://" } };
const PORT = {
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  config: { host: "192.168.1.20", port: 22 },
};

/** Drivers for the names of children that official drivers use; a mock for other names. */
const CHILDREN: Readonly<Record<string, unknown>> = {
  serial: LOOP,
  console: LOOP,
  tcp: PORT,
  ssh: PORT,
};

function childrenOf(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, CHILDREN[name] ?? MOCK]));
}

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
  return stringify(value, { version: "1.1", lineWidth: 0, blockQuote: false }).trimEnd().split(
    "\n",
  );
}

function indented(columns: number, lines: readonly string[]): string[] {
  return lines.map((line) => " ".repeat(columns) + line);
}

function commented(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`);
}
