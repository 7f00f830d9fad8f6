/** The lines of a YAML text with their indentation and key, found without a parser. @module */
import { allOf } from "../../text/enumerate.ts";

/** A line with content: neither empty, nor a comment, nor inside a block scalar. */
export interface YamlLine {
  /** From 1. */
  readonly number: number;
  /** The last line of the block scalar that begins here, or the line itself. */
  readonly last: number;
  /** Leading spaces. */
  readonly indent: number;
  /** The key, if the line has the form `key: rest`. */
  readonly key?: string;
  /** The text after the colon without its comment, or the whole line if it has no key. */
  readonly rest: string;
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#"'{[&*!|>%@`-][^:#]*?))\s*:(?:\s+(.*))?$/;
const BLOCK_TEXT = /(?:^|\s)[|>][-+0-9]*$/;

/** Splits any text, valid YAML or not; never throws. */
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
  const position = { number, last: number, indent };
  const match = KEY.exec(content);
  if (!match) return { ...position, rest: content };
  const [, double, single, plain, rest = ""] = match;
  return { ...position, key: double ?? single ?? plain!, rest: withoutComment(rest) };
}

function withoutComment(rest: string): string {
  if (/^["']/.test(rest)) return rest.trim();
  return rest.replace(/(?:^|\s)#.*$/, "").trim();
}

/** `line 15` or `lines 15-18 and 20`. */
export function lineRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const texts = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return `${numbers.length === 1 ? "line" : "lines"} ${allOf(texts)}`;
}
