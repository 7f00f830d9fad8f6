/** Values, and the types and formats of schemas, as messages name them. @module */
import { isSecret } from "./secret_key.ts";

const MAX_SHOWN = 60;

/** `the text "abc"`, `the number 5`, `a list`; the value of a secret key is not shown. */
export function describeValue(value: unknown, key: string | number = ""): string {
  if (value === undefined || value === null || value === "") return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (isSecret(key)) return typeof value === "string" ? "text" : `a ${typeof value}`;
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value !== "string") return String(value);
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return `the text ${JSON.stringify(shown)}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of keys",
  record: "a map of keys",
  map: "a map of keys",
  array: "a list",
  tuple: "a list",
  null: "nothing",
  nan: "nothing",
  undefined: "nothing",
  never: "nothing",
};

/** A type of the schema library as messages name it. */
export function describeType(type: string): string {
  return TYPE_WORDS[type] ?? `a value of type ${type}`;
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  guid: "a UUID",
  uuid: "a UUID",
  url: "a URL",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
  base64: "base64",
};

/** A text format of the schema library as messages name it. */
export function describeFormat(format: string): string {
  return FORMAT_WORDS[format] ?? `text in the form of ${format}`;
}
