/** Forms of a JSON Schema for editors. @module */
import type { JsonSchema } from "../driver/json_schema.ts";

/** Text that is read as a number or a switch, as in configs for the official exporter. */
const NUMBER_TEXT = { type: "string", pattern: String.raw`^\s*[-+]?[\d._]+([eE][-+]?\d+)?\s*$` };
const SWITCH_TEXT = {
  type: "string",
  pattern: "^([Tt](rue)?|TRUE|[Ff](alse)?|FALSE|[Yy](es)?|YES|[Nn]o?|NO|[Oo](n|ff)|ON|OFF|0|1)$",
};

/** Accepts numbers and switches as text, too. */
export function tolerant(schema: JsonSchema): JsonSchema {
  const inner = everywhere(schema, tolerant);
  const types = [schema.type].flat();
  if (schema.enum || "const" in schema) return inner;
  if (types.includes("boolean")) return either(inner, SWITCH_TEXT);
  return types.includes("integer") || types.includes("number") ? either(inner, NUMBER_TEXT) : inner;
}

/** Refuses unknown keys in every map that has known ones. */
export function closed(schema: JsonSchema): JsonSchema {
  const inner = everywhere(schema, closed);
  const isOpen = schema.properties !== undefined && schema.additionalProperties === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

/** Keeps what documents the value beside the alternatives. */
function either(
  { description, default: value, examples, ...rest }: JsonSchema,
  text: JsonSchema,
): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    ...(examples !== undefined && { examples }),
    anyOf: [rest, text],
  };
}

/** Applies a form to the schemas inside. */
function everywhere(schema: JsonSchema, form: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, anyOf, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, inner]) => [key, form(inner)]),
      ),
    }),
    ...(anyOf && { anyOf: anyOf.map(form) }),
    ...(items && { items: form(items) }),
    ...(typeof additionalProperties === "object" && {
      additionalProperties: form(additionalProperties),
    }),
  };
}
