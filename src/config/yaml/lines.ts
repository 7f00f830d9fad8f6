/** The lines of a YAML text as a person sees them, before any parsing. @module */

/** A line that says something: not empty, no comment, not inside of a block of text. */
export interface YamlLine {
  /** From 1. */
  readonly number: number;
  /** The last line of the block of text that begins here, or the line itself. */
  readonly last: number;
  /** Leading spaces. */
  readonly indent: number;
  /** The key, where the line has the form `key: rest`. */
  readonly key?: string;
  /** What follows the colon, without a comment; the whole line where there is no key. */
  readonly rest: string;
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#"'{[&*!|>%@`-][^:#]*?))\s*:(?:\s+(.*))?$/;
const BLOCK_TEXT = /(?:^|\s)[|>][-+0-9]*$/;

/** Splits `text`; whatever it is, nothing is thrown. */
export function scanLines(text: string): YamlLine[] {
  const found: YamlLine[] = [];
  let textIndent = Infinity;
  text.split("\n").forEach((raw, index) => {
    const content = raw.trim();
    const indent = raw.length - raw.trimStart().length;
    const number = index + 1;
    if (content === "") return;
    if (indent > textIndent) {
      const start = found.pop()!;
      found.push({ ...start, last: number });
      return;
    }
    textIndent = Infinity;
    if (content.startsWith("#")) return;
    const line = readLine(content, indent, number);
    if (BLOCK_TEXT.test(line.rest)) textIndent = indent;
    found.push(line);
  });
  return found;
}

function readLine(content: string, indent: number, number: number): YamlLine {
  const place = { number, last: number, indent };
  const match = KEY.exec(content);
  if (!match) return { ...place, rest: content };
  const [, double, single, plain, rest = ""] = match;
  return { ...place, key: double ?? single ?? plain!, rest: withoutComment(rest) };
}

function withoutComment(rest: string): string {
  if (/^["']/.test(rest)) return rest.trim();
  return rest.replace(/(?:^|\s)#.*$/, "").trim();
}
