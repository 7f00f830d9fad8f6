/**
 * Quoted texts and collections in brackets that span lines. YAML wants their lines indented deeper
 * than the key before them; the official exporter does not, so such lines are indented here.
 *
 * @module
 */

/** A text whose spans are indented. */
export interface IndentedText {
  readonly text: string;
  /** Columns that lines were moved to the right, by line number from 1; empty if none had to be. */
  readonly shifts: ReadonlyMap<number, number>;
}

/** Indents the lines inside quotes and brackets deeper than the line that opens them. */
export function indentSpans(text: string): IndentedText {
  const lines = text.split("\n");
  const shifts = new SpanScanner(lines).scan();
  if (shifts.size === 0) return { text, shifts };
  const moved = lines.map((line, index) => " ".repeat(shifts.get(index + 1) ?? 0) + line);
  return { text: moved.join("\n"), shifts };
}

const OPENING = /["'[{]/;
/** What may stand before a value in its line: indicators of the block style, anchors and tags. */
const PREFIX = /^(?:[-?:](?=\s|$)|[&!]\S*)\s*/;
const BLOCK_TEXT = /^[|>][-+0-9]*\s*(?:#.*)?$/;
/** A plain key with its colon. */
const KEY = /^(?:[^\s#]|\S#|\s(?!#))*?:(?=\s|$)\s*/;

class SpanScanner {
  readonly #lines: readonly string[];
  readonly #shifts = new Map<number, number>();
  #line = 0;
  #column = 0;
  /** Lines that are indented more than this are a block text's. */
  #textIndent = Infinity;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  scan(): Map<number, number> {
    for (; this.#line < this.#lines.length; this.#line++) {
      const line = this.#lines[this.#line]!;
      const indent = indentOf(line);
      if (line.trim() === "" || indent > this.#textIndent) continue;
      this.#textIndent = Infinity;
      this.#column = indent;
      while (this.#token(indent));
    }
    return this.#shifts;
  }

  /** Takes the next part of the line. @returns false at its end */
  #token(indent: number): boolean {
    const rest = this.#lines[this.#line]!.slice(this.#column);
    if (BLOCK_TEXT.test(rest)) this.#textIndent = indent;
    if (rest === "" || rest.startsWith("#") || BLOCK_TEXT.test(rest)) return false;
    if (OPENING.test(rest[0]!)) return this.#span(indent);
    const taken = (PREFIX.exec(rest) ?? KEY.exec(rest))?.[0].length ?? 0;
    this.#column += taken;
    return taken > 0;
  }

  /** Passes over quotes or brackets; what follows may be the colon of a key. */
  #span(indent: number): boolean {
    const [first, column] = [this.#line, this.#column];
    const end = spanEnd(this.#lines, first, column);
    if (!end) {
      // An error that more indentation cannot mend: nothing after it is known.
      this.#line = this.#lines.length;
      return false;
    }
    for (let line = first + 1; line <= end.line; line++) {
      const found = indentOf(this.#lines[line]!);
      const isShort = found <= indent && this.#lines[line]!.trim() !== "";
      if (isShort) this.#shifts.set(line + 1, column + 1 - found);
    }
    [this.#line, this.#column] = [end.line, end.column];
    const [, colon] = /^\s*(:(?=\s|$))?/.exec(this.#lines[end.line]!.slice(end.column))!;
    this.#column += colon ? this.#lines[end.line]!.slice(end.column).indexOf(":") + 1 : 0;
    if (colon) this.#skipSpaces();
    return colon !== undefined;
  }

  #skipSpaces(): void {
    this.#column += /^\s*/.exec(this.#lines[this.#line]!.slice(this.#column))![0].length;
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place behind the quote or bracket that closes the one at a place; undefined without one. */
function spanEnd(lines: readonly string[], line: number, column: number): Place | undefined {
  let depth = 0;
  let quote = "";
  // Whether a quote here would begin a text, rather than be part of one.
  let begins = true;
  for (; line < lines.length; line++, column = 0) {
    const text = lines[line]!;
    for (; column < text.length; column++) {
      const char = text[column]!;
      if (quote) {
        if (quote === '"' && char === "\\") column++;
        else if (char === quote && quote === "'" && text[column + 1] === "'") column++;
        else if (char === quote) quote = "";
      } else if (/["']/.test(char) && begins) quote = char;
      else if (/[[{]/.test(char)) depth++;
      else if (/[\]}]/.test(char)) depth--;
      else if (char === "#" && /\s/.test(text[column - 1] ?? " ")) break;
      if (!quote && depth === 0) return { line, column: column + 1 };
      if (!/\s/.test(char)) begins = /[[{,:?]/.test(char);
    }
  }
  return undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
