/** In the worker: the drivers that the custom file defines. @module */
import { z } from "zod";
import * as sdk from "../../driver/mod.ts";
import { type JsonSchema, jsonSchema } from "../../driver/json_schema.ts";
import { classFound, isClass, shapeProblem } from "./definition_shape.ts";
import { guardImports, requireGuarded } from "./imports.ts";
import type { Defined, DriverSummary, Exports, Issue, Parsed, Problem, Ref } from "./protocol.ts";

/** Longest JSON Schema of a config, in characters. */
const MAX_SCHEMA = 256 * 1024;

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

  /** The schema of a config, if it is one of the SDK's. */
  describe(ref: Ref): { schema?: JsonSchema } {
    const { config } = this.get(ref);
    if (!(config instanceof z.ZodType)) return {};
    const text = JSON.stringify(jsonSchema(config));
    return text.length > MAX_SCHEMA ? {} : { schema: JSON.parse(text) };
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
    ...(driver.summary !== undefined && { summary: driver.summary }),
    ...(driver.methods !== undefined && { methods: driver.methods }),
  };
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
