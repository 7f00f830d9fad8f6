/**
 * Text that others had a hand in, made safe to print: it cannot steer a terminal, turn the
 * direction of what stands beside it, or begin a line that looks like one of ours.
 *
 * @module
 */

/**
 * C0 controls but tab and newline, DEL, C1 controls, marks and overrides of direction,
 * line and paragraph separators, byte order marks.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** Has nothing unsafe, as nearly all that is printed. */
const SAFE = /^[\t\n\x20-\x7e]*$/;

/** ECMA-48 8.3.117 and 8.3.41: colours and the like, and erasing the rest of a line. */
// deno-lint-ignore no-control-regex
const COLORS = /\x1b\[[\d;:]*m|\x1b\[[012]?K/g;

/** What follow-up lines of a text begin with. */
const MARGIN = "  | ";

/** One line: what is not printable is written as `\n`, `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return escaped(text).replaceAll("\n", "\\n");
}

/** Lines: as `printable`, but line ends within stay, and each further line begins with a margin. */
export function printableLines(text: string): string {
  return escaped(text.trimEnd().replaceAll("\r\n", "\n")).replaceAll("\n", `\n${MARGIN}`);
}

/** A document of our own with texts of others in it: as `printable`, but line ends stay. */
export function printableDocument(text: string): string {
  return escaped(text);
}

/** What a terminal may show of a program's output: as `printable`, but line ends and colours stay. */
export function printableOutput(text: string): string {
  let result = "";
  let from = 0;
  for (const { 0: color, index } of text.matchAll(COLORS)) {
    result += escaped(text.slice(from, index)) + color;
    from = index + color.length;
  }
  return result + escaped(text.slice(from));
}

/** Without colours; to be made printable afterwards. */
export function withoutColors(text: string): string {
  return text.includes("\x1b") ? text.replace(COLORS, "") : text;
}

/** JSON whose text can be printed as well: nothing is lost, everything unsafe is `\uXXXX`. */
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
