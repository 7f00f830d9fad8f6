/**
 * Plain scalars as YAML 1.1 reads them. The official exporter reads its files with PyYAML,
 * which implements 1.1; the parser here implements 1.2, which reads a few spellings differently.
 *
 * @module
 */

/** A scalar as YAML 1.1 reads it. */
export interface Yaml11Reading {
  /** Undefined if JavaScript has no such value (a date). */
  readonly value: boolean | number | string | null | undefined;
  /** The value in a message: `true`, `the number 90`, `a date`, `text`. */
  readonly words: string;
}

const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER = /^[-+]?(?:0b[01_]+|0[0-7_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE =
  /^\d{4}-\d\d-\d\d$|^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/;

/** Reads the plain scalar `text` as PyYAML does. */
export function readYaml11(text: string): Yaml11Reading {
  if (TRUE.test(text)) return { value: true, words: "true" };
  if (FALSE.test(text)) return { value: false, words: "false" };
  if (NULL.test(text)) return { value: null, words: "nothing" };
  if (INTEGER.test(text)) return numeric(integer(text), exactInteger(text));
  if (FLOAT.test(text)) return numeric(float(text));
  if (DATE.test(text)) return { value: undefined, words: "a date" };
  return { value: text, words: "text" };
}

function numeric(value: number, exact: number | bigint = value): Yaml11Reading {
  return { value, words: `the number ${exact}` };
}

/** The value of a decimal number, which may be longer than a JavaScript number is exact. */
function exactInteger(text: string): number | bigint {
  const value = integer(text);
  const digits = text.replace(/^\+/, "").replaceAll("_", "");
  return !Number.isSafeInteger(value) && /^-?[1-9]\d*$/.test(digits) ? BigInt(digits) : value;
}

function integer(text: string): number {
  const [sign, digits] = signed(text);
  if (digits.startsWith("0b")) return sign * parseInt(digits.slice(2), 2);
  if (digits.startsWith("0x")) return sign * parseInt(digits.slice(2), 16);
  if (digits.length > 1 && digits.startsWith("0")) return sign * parseInt(digits, 8);
  return sign * sexagesimal(digits);
}

function float(text: string): number {
  const [sign, digits] = signed(text);
  if (/inf/i.test(digits)) return sign * Infinity;
  if (/nan/i.test(digits)) return NaN;
  return sign * sexagesimal(digits);
}

function signed(text: string): [sign: number, digits: string] {
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  return [text.startsWith("-") ? -1 : 1, digits];
}

function sexagesimal(digits: string): number {
  return digits.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}
