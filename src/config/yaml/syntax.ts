/** Syntax errors of YAML, with what to do about them. @module */
import { type Document, visit, type YAMLError } from "yaml";
import { allOf } from "../../text/enumerate.ts";
import { findClue } from "./syntax_clues.ts";
import { scanLines } from "./lines.ts";
import type { YamlDocument } from "./document.ts";
import type { Position } from "./position.ts";

/** A mistake because of which a document has no value. */
export interface SyntaxProblem {
  readonly at: Position;
  readonly message: string;
}

/**
 * The first syntax error of `text`, or undefined. Only the first: most further errors are
 * consequences of it.
 */
export function findSyntaxProblem(document: YamlDocument, text: string): SyntaxProblem | undefined {
  const tabs = linesIndentedByTabs(document);
  if (tabs.length > 0) {
    const lines = `${tabs.length === 1 ? "line" : "lines"} ${tabs.slice(0, 10).join(", ")}`;
    return {
      at: { line: tabs[0]!, column: 1 },
      message: `expected spaces as indentation, found a tab; ` +
        `replace the leading tabs of ${lines}${tabs.length > 10 ? ", …" : ""} by spaces`,
    };
  }
  const error = document.ast.errors[0];
  if (!error) return findTag(document);
  const at = positionOf(error, document, text);
  return findClue(text, at) ?? tooDeep(text, at) ?? { at, message: explain(error, text, at) };
}

/** The tags of YAML 1.1, with which a value is what it would be without. */
const STANDARD_TAG = /tag:yaml\.org,2002:(?:binary|bool|float|int|null|omap|pairs|set|timestamp)\b/;

/** A tag that neither this nor the official exporter knows. */
function findTag(document: YamlDocument): SyntaxProblem | undefined {
  const warning = document.ast.warnings.find(({ code, message }) =>
    code === "TAG_RESOLVE_FAILED" && !STANDARD_TAG.test(message)
  );
  return warning && {
    at: document.at(warning.pos[0]),
    message: "expected a value without a tag, found an unknown tag; " +
      "remove the word that begins with '!', or put the text in quotes",
  };
}

/** The position of the mistake, which may precede where the parser noticed it. */
function positionOf(error: YAMLError, document: YamlDocument, text: string): Position {
  const [offset] = error.pos;
  const at = document.at(offset);
  if (isUnclosed(error)) return document.at(openedBefore(offset, document, text));
  if (error.code !== "BAD_INDENT") return at;
  const line = text.split("\n")[at.line - 1] ?? "";
  return { line: at.line, column: Math.max(at.column, line.search(/\S/) + 1) };
}

/** Whether a quote or bracket is not closed; the parser expects a value after a key similarly. */
function isUnclosed({ code, message }: YAMLError): boolean {
  return code === "MISSING_CHAR" ? !isWithoutColon(message) : message.startsWith("Flow ");
}

function isWithoutColon(message: string): boolean {
  return message.startsWith("Implicit map keys");
}

/** The quote or bracket that is still open at `offset`. */
function openedBefore(offset: number, document: YamlDocument, text: string): number {
  let opened = offset;
  visit(document.ast as Document, {
    Node(_, { range }) {
      if (!range || range[0] >= offset || range[1] < offset - 1) return;
      if (/["'[{]/.test(text[range[0]] ?? "")) opened = range[0];
    },
  });
  return opened;
}

function linesIndentedByTabs(document: YamlDocument): number[] {
  const errors = document.ast.errors.filter((error) => error.code === "TAB_AS_INDENT");
  return [...new Set(errors.map((error) => document.at(error.pos[0]).line))];
}

/** A line indented below a key that already has a value: the parser reports a position nearby. */
function tooDeep(text: string, { line }: Position): SyntaxProblem | undefined {
  const lines = scanLines(text);
  const index = lines.findIndex((candidate, index) => {
    const above = lines[index - 1];
    const isNear = Math.abs(candidate.number - line) <= 1;
    return isNear && candidate.key !== undefined && above?.key !== undefined &&
      above.rest !== "" && !/^[|>{["'&*]/.test(above.rest.replace(/^(["']).*\1$/, "")) &&
      candidate.indent > above.indent;
  });
  if (index < 1) return undefined;
  const [above, below] = [lines[index - 1]!, lines[index]!];
  const surplus = below.indent - above.indent;
  return {
    at: { line: below.number, column: below.indent + 1 },
    message: `expected '${below.key}' indented like '${above.key}' (line ${above.number}), ` +
      `which already has a value, found it ${spaces(surplus)} deeper; ` +
      `indent '${below.key}' like the keys that it belongs to`,
  };
}

function spaces(count: number): string {
  return count === 1 ? "1 space" : `${count} spaces`;
}

function explain(error: YAMLError, text: string, at: Position): string {
  const line = text.split("\n")[at.line - 1]?.trim() ?? "";
  if (isUnclosed(error)) {
    return "expected the quote or bracket that opens here to be closed, found the end of the text; " +
      "add the closing one";
  }
  switch (error.code) {
    case "BAD_INDENT":
      return "expected this line to begin in the same column as the keys that it belongs to, " +
        `found it in column ${at.column}${columnsAbove(text, at)}; align it with spaces`;
    case "BLOCK_AS_IMPLICIT_KEY":
      return `expected one 'key: value' per line, found more than one colon in ${quote(line)}; ` +
        "put a value that contains ': ' in quotes, or move the inner keys to separate lines";
    case "MULTILINE_IMPLICIT_KEY":
      return `expected 'key: value', found ${quote(line)}; ` +
        "write a colon and a space after the key";
    case "MISSING_CHAR":
      return `expected 'key: value', found ${quote(line)} without a colon` +
        (isLast(text, at)
          ? " at the end of the file, which may be cut off; complete it"
          : "; write a colon and a space after the key");
    case "UNEXPECTED_TOKEN":
      return trailing(line) ??
        `expected YAML, found a syntax error in ${quote(line)}: ${error.message}`;
    case "BAD_SCALAR_START":
      return `expected a value, found ${quote(line)}, which begins with a character that YAML ` +
        "reserves; put the value in quotes";
    case "BAD_DQ_ESCAPE":
      return `expected text, found a backslash that begins no known escape in ${quote(line)}; ` +
        "double it, or use single quotes";
    case "MULTIPLE_DOCS":
      return "expected one document, found a second one after '---'; keep one config per file";
    case "RESOURCE_EXHAUSTION":
      return "expected an exporter config, found values nested too deeply to read";
    default:
      return `expected YAML, found a syntax error in ${quote(line)}: ${error.message}`;
  }
}

/** Where the keys begin that a line may belong to. */
function columnsAbove(text: string, { line }: Position): string {
  const columns: number[] = [];
  for (const { number, indent } of scanLines(text).reverse()) {
    if (number < line && indent + 1 < (columns[0] ?? Infinity)) columns.unshift(indent + 1);
  }
  if (columns.length < 2) return "";
  return `, where keys above it are in columns ${allOf(columns.map(String))}`;
}

function isLast(text: string, { line }: Position): boolean {
  return text.trimEnd().split("\n").length <= line;
}

/** Text after the quote or bracket that closes a value. */
function trailing(line: string): string | undefined {
  const [, opening] = /^(?:- +)?[^\s"'[{]+:\s+(["'[{])/.exec(line) ?? [];
  if (opening === undefined) return undefined;
  const closing = { "[": "]", "{": "}" }[opening] ?? opening;
  const inside = opening === "'"
    ? "write '' for each ' in it"
    : opening === '"'
    ? 'write \\" for each " in it'
    : "put the whole value in quotes";
  return `expected the value to end with its ${closing}, found more text after it in ` +
    `${quote(line)}; ${inside}`;
}

/** The beginning of a line: the rest may hold a secret. */
function quote(line: string): string {
  const visible = /^(?:-\s*)?[^\s:]+:/.exec(line)?.[0] ?? /^\S{0,4}/.exec(line)![0];
  return visible.length < line.length ? `'${visible} …'` : `'${line}'`;
}
