/**
 * JavaScript values as google.protobuf.Value, encoded as official clients expect
 * them: numbers are doubles, bytes are UTF-8 text, nothing is null.
 *
 * @module
 */

/** An unwrapped google.protobuf.Value. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Makes `input` encodable: undefined, NaN and infinities become null, bytes become
 * text, dates ISO 8601, maps and objects structs, iterables lists.
 *
 * @throws {TypeError} for functions, symbols, cycles and bytes that are not UTF-8.
 */
export function toValue(input: unknown): Value {
  return convert(input, []);
}

function convert(input: unknown, parents: object[]): Value {
  switch (typeof input) {
    case "undefined":
      return null;
    case "boolean":
    case "string":
      return input;
    case "number":
      return Number.isFinite(input) ? input : null;
    case "bigint":
      return Number(input);
    case "object":
      return input === null ? null : convertObject(input, parents);
    default:
      throw new TypeError(`Cannot send a ${typeof input} to a client: it has no wire form`);
  }
}

function convertObject(input: object, parents: object[]): Value {
  if (parents.includes(input)) {
    throw new TypeError("Cannot send this object to a client: it contains itself");
  }
  if (input instanceof Uint8Array) return decodeBytes(input);
  if (input instanceof Date) return input.toISOString();
  if (input instanceof URL) return input.href;
  const inner = [...parents, input];
  if (Array.isArray(input) || input instanceof Set) {
    return Array.from(input, (item) => convert(item, inner));
  }
  const entries = input instanceof Map ? [...input] : Object.entries(input);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), convert(item, inner)]));
}

function decodeBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TypeError(
      `Cannot send ${bytes.length} bytes to a client as text: they are not UTF-8; send base64`,
    );
  }
}
