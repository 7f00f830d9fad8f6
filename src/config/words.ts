/** Values and schema types in plain words. @module */

const SECRET = /token|pass(?:word|phrase)|secret|credential|identity|_key$/i;
const MAX_SHOWN = 60;

/** Ends of the keys whose text is a secret itself, and not where one is; a part of an expression. */
export const SECRET_KEYS = "(?:token|passw(?:or)?d|passphrase|secret|api_?key|access_?key)";

/** Whether the value of `key` must never be shown. */
export function isSecret(key: string | number): boolean {
  return SECRET.test(String(key));
}

/** `the text "abc"`, `the number 5`, `a list`; what stands under a secret's key stays hidden. */
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

/** A schema's name of a type in a user's words. */
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

/** A schema's name of a format of text in a user's words. */
export function describeFormat(format: string): string {
  return FORMAT_WORDS[format] ?? `text in the form of ${format}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(choices: readonly string[]): string {
  return enumerate(choices, "or");
}

/** `a`, `a and b`, `a, b and c`. */
export function allOf(items: readonly string[]): string {
  return enumerate(items, "and");
}

function enumerate(items: readonly string[], word: string): string {
  const last = items.at(-1) ?? "nothing";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}
