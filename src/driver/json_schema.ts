/** The schema of a config as JSON Schema, for documents and editors. @module */
import { z } from "zod";

/** A JSON Schema of draft 2020-12, as far as configs use it. */
export interface JsonSchema {
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly [keyword: string]: unknown;
}

/** Converts a schema of zod: what a config may hold, before the schema transforms it. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      restore(zodSchema, jsonSchema);
      tidy(jsonSchema);
    },
  });
  return converted as JsonSchema;
}

/** Restores what zod leaves out of a schema that transforms its input. */
function restore(schema: z.core.$ZodType, converted: z.core.JSONSchema.BaseSchema): void {
  const { examples } = z.globalRegistry.get(schema) ?? {};
  if (Array.isArray(examples)) converted.examples = examples;
  const { type, defaultValue } = schema._zod.def as { type: string; defaultValue?: unknown };
  if (type === "default") converted.default ??= defaultValue;
}

/** Removes the limits that mean "any integer". */
function tidy(converted: z.core.JSONSchema.BaseSchema): void {
  if (converted.maximum === Number.MAX_SAFE_INTEGER) delete converted.maximum;
  if (converted.minimum === Number.MIN_SAFE_INTEGER) delete converted.minimum;
}
