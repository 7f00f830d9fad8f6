/** The keys that a schema knows, for suggestions. @module */
import type { z } from "zod";

interface Definition {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly catchall?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
}

/** The keys of the object that `schema` describes at `path`; empty if that is no object. */
export function knownKeys(schema: z.ZodType, path: readonly (string | number)[] = []): string[] {
  return Object.keys(shapeOf(schemaAt(schema, path)) ?? {});
}

/** The members of an object schema, seen through defaults, pipes and other wrappers. */
export function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  return schema && definition(unwrap(schema)).shape;
}

/** Whether `schema` is of an object that leaves out unknown keys without an error. */
export function dropsUnknownKeys(schema: z.ZodType): boolean {
  const { shape, catchall } = definition(unwrap(schema));
  return shape !== undefined && catchall === undefined;
}

function schemaAt(
  schema: z.ZodType | undefined,
  path: readonly (string | number)[],
): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((outer, part) => {
    const inner = outer && definition(unwrap(outer));
    return inner?.shape?.[part] ?? inner?.valueType ?? inner?.element;
  }, schema);
}

function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, type, in: input, out } = definition(schema);
  if (innerType) return unwrap(innerType);
  if (type !== "pipe" || !input || !out) return schema;
  return unwrap(definition(input).type === "transform" ? out : input);
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}
