/** In the worker: the drivers that the custom file defines. @module */
import type { z } from "zod";
import * as sdk from "../../driver/mod.ts";
import { guardImports, requireGuarded } from "./imports.ts";
import type { Defined, DriverSummary, Exports, Issue, Parsed, Problem, Ref } from "./protocol.ts";

/** A driver with its code. */
type Definition = sdk.DriverDefinition<z.ZodType>;

/** The drivers of one file, from the exports that have been called. */
export class Definitions {
  #module: Readonly<Record<string, unknown>> = {};
  readonly #defined = new Map<string, readonly Definition[]>();

  /** Imports the file; throws what its import throws. */
  async load(url: string): Promise<Exports> {
    guardImports();
    this.#module = await import(url);
    requireGuarded(url);
    const names = Object.keys(this.#module);
    return {
      functions: names.filter((name) => typeof this.#module[name] === "function"),
      others: names.filter((name) => typeof this.#module[name] !== "function"),
    };
  }

  /** Calls an export with the SDK and checks what it returns. */
  async define(name: string): Promise<Defined> {
    const define = this.#module[name] as (given: typeof sdk) => unknown;
    if (isClass(define)) return { summaries: [], problems: [{ text: classFound(name) }] };
    const returned = await define({ ...sdk });
    const drivers = Array.isArray(returned) ? returned : returned === undefined ? [] : [returned];
    this.#defined.set(name, drivers);
    const summaries: DriverSummary[] = [];
    const problems: Problem[] = [];
    drivers.forEach((driver, index) => {
      const problem = shapeProblem(driver);
      if (problem) problems.push(problem);
      else summaries.push(summarize(driver, { export: name, index }));
    });
    return { summaries, problems };
  }

  /** Returns a defined driver. */
  get(ref: Ref): Definition {
    const driver = this.#defined.get(ref.export)?.[ref.index];
    if (!driver) throw new sdk.DriverError(`the file no longer defines '${ref.export}'`);
    return driver;
  }

  /** Parses a config; returns its labels or its issues. */
  async parse(ref: Ref, config: unknown): Promise<Parsed> {
    const driver = this.get(ref);
    const parsed = await driver.config.safeParseAsync(config);
    if (!parsed.success) return { issues: parsed.error.issues.map(cloneable) };
    return { labels: { ...driver.labels?.(parsed.data) } };
  }
}

function summarize(driver: Definition, ref: Ref): DriverSummary {
  return {
    ref,
    ...(driver.type !== undefined && { type: driver.type }),
    client: driver.client,
    children: driver.children === true,
    labels: driver.labels !== undefined,
    probe: driver.probe !== undefined,
  };
}

/** The members of a definition: the name, what it must be, and the check. */
const MEMBERS: readonly [string, string, (value: unknown) => boolean][] = [
  ["type", "a dotted name, such as 'acme.Relay'", (v) => v === undefined || isDotted(v)],
  ["client", "the dotted name of a Python client class", isDotted],
  ["config", "a zod schema, such as z.strictObject({})", isSchema],
  ["open", "a function", isFunction],
  ["children", "true or false", (v) => v === undefined || typeof v === "boolean"],
  ["labels", "a function", (v) => v === undefined || isFunction(v)],
  ["probe", "a function", (v) => v === undefined || isFunction(v)],
];

function shapeProblem(driver: unknown): Problem | undefined {
  if (typeof driver !== "object" || driver === null) {
    return { text: `expected a driver made with defineDriver, found ${nameKind(driver)}` };
  }
  const members = driver as Record<string, unknown>;
  const wrong = MEMBERS.find(([member, , fits]) => !fits(members[member]));
  if (!wrong) return undefined;
  const [member, expected] = wrong;
  const found = nameKind(members[member]);
  return {
    ...(isDotted(members["type"]) && { type: members["type"] as string }),
    text: `expected '${member}' to be ${expected}, found ${found}; correct the definition`,
  };
}

function isClass(value: (given: typeof sdk) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function classFound(name: string): string {
  const declared = name === "default" ? "export default" : `export const ${name} =`;
  return `expected ${declared} ({ defineDriver }) => defineDriver({…}), found a class`;
}

function isDotted(value: unknown): boolean {
  return typeof value === "string" && /^[^\s/.]+(\.[^\s/.]+)+$/.test(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isSchema(value: unknown): boolean {
  return typeof (value as { safeParseAsync?: unknown } | undefined)?.safeParseAsync === "function";
}

function nameKind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || typeof value === "number") return `${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "function" ? "a function" : "an object";
}

/** Makes an issue cloneable; those of an author's own schema may hold values that are not. */
function cloneable(issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map((key) => typeof key === "number" ? key : String(key));
  try {
    return structuredClone({ ...issue, path });
  } catch {
    return { code: "custom", message: issue.message, path };
  }
}
