/**
 * Makes text from outside safe to print: it cannot control a terminal, change the direction of
 * the text beside it, or begin a line that looks like one of the program's own.
 *
 * @module
 */

/**
 * C0 controls except tab and newline, DEL, C1 controls, marks and overrides of direction, line
 * and paragraph separators, byte order marks, unpaired surrogates.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** A quick test that most texts pass. */
const SAFE = /^[\t\n\x20-\x7e]*$/;

/** ECMA-48 8.3.117 and 8.3.41: colours and the like, and erasing the rest of a line. */
// deno-lint-ignore no-control-regex
const COLORS = /\x1b\[[\d;:]*m|\x1b\[[012]?K/g;

/** The beginning of all lines of a text but the first. */
const MARGIN = "  | ";

/** One line: characters that are not printable become `\n`, `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return escaped(text).replaceAll("\n", "\\n");
}

/** Lines: as `printable`, but keeps line ends within, and begins each further line with a margin. */
export function printableLines(text: string): string {
  return escaped(text.trimEnd().replaceAll("\r\n", "\n")).replaceAll("\n", `\n${MARGIN}`);
}

/** A document of the program that contains text from outside: as `printable`, but keeps line ends. */
export function printableDocument(text: string): string {
  return escaped(text);
}

/** The output of a program for a terminal: as `printable`, but keeps line ends and colours. */
export function printableOutput(text: string): string {
  let result = "";
  let from = 0;
  for (const { 0: color, index } of text.matchAll(COLORS)) {
    result += escaped(text.slice(from, index)) + color;
    from = index + color.length;
  }
  return result + escaped(text.slice(from));
}

/** Removes colours; the result is not yet printable. */
export function withoutColors(text: string): string {
  return text.includes("\x1b") ? text.replace(COLORS, "") : text;
}

/** JSON that is safe to print and parses to the same value: unsafe characters become `\uXXXX`. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, (char) => `\\u${hex(char, 4)}`);
}

function escaped(text: string): string {
  return SAFE.test(text) ? text : text.replace(UNSAFE, escape);
}

function escape(char: string): string {
  if (/\p{Surrogate}/u.test(char)) return "\ufffd";
  return char < "\u0100" ? `\\x${hex(char, 2)}` : `\\u${hex(char, 4)}`;
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, "0");
}
