/** YAML maps as values. @module */

/** A YAML map, as a value. */
export type YamlMap = Readonly<Record<string, unknown>>;

/** Whether `value` is a map; a list is none. */
export function isMap(value: unknown): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
