/** Mistakes in a line that make a parser fail there, or further on. @module */
import { placeholderForm, placeholderProblem } from "../../text/placeholder.ts";
import { findLookalike } from "./characters.ts";
import type { Position } from "./position.ts";

/** A mistake in a line. */
interface Clue {
  /** From 0. */
  readonly column: number;
  readonly message: string;
}

/**
 * What in the line of a syntax error, or in the one before, is the cause of it; undefined if
 * nothing is known.
 */
export function findClue(
  text: string,
  { line }: Position,
): { readonly at: Position; readonly message: string } | undefined {
  const lines = text.split("\n");
  for (const number of [line, line - 1]) {
    const clue = clueIn(lines[number - 1] ?? "");
    if (clue) return { at: { line: number, column: clue.column + 1 }, message: clue.message };
  }
  return undefined;
}

function clueIn(line: string): Clue | undefined {
  const content = /^\s*#/.test(line) ? "" : line.replace(/\s#.*$/, "");
  return conflict(content) ?? lookalike(content) ?? openKey(content) ?? placeholder(content) ??
    joined(content) ??
    assignment(content);
}

function conflict(line: string): Clue | undefined {
  const [marker] = /^(?:<{7}|={7}|>{7})(?= |$)/.exec(line) ?? [];
  return marker === undefined ? undefined : {
    column: 0,
    message: `found the conflict marker ${marker} of a version control system; keep one of the ` +
      "versions and delete the markers",
  };
}

function lookalike(line: string): Clue | undefined {
  const found = findLookalike(line);
  return found && { column: found.offset, message: found.message };
}

/** Placeholders that begin like a collection, a directive or a reserved character. */
function placeholder(line: string): Clue | undefined {
  const column = line.search(/\{[{%]|<%|(?:^|\s)[%@][A-Z]/);
  const value = column < 0 ? "" : line.slice(column).trim();
  return placeholderForm(value) === undefined ? undefined : {
    column: column + (/^\s/.test(line.slice(column)) ? 1 : 0),
    message: placeholderProblem(value, "a value")!,
  };
}

/** A quote that opens before a key, and that nothing in its line closes. */
function openKey(line: string): Clue | undefined {
  const [start, quote] = /^(\s*)(["'])(?:(?!\2).)+$/.exec(line)?.slice(1) ?? [];
  return start === undefined || !line.includes(":") ? undefined : {
    column: start.length,
    message:
      `expected the quote that opens here to be closed before the colon, found none in this ` +
      `line; add ${quote}, or delete this one`,
  };
}

/** `key:"value"`, `key:{a: b}` and `key:value` without a blank. */
function joined(line: string): Clue | undefined {
  const [start, key] = /^\s*(?:- +)?["']?([\w.-]+)["']?:(?=[^\s/])/.exec(line) ?? [];
  return start === undefined ? undefined : {
    column: start.length,
    message: `expected a space after '${key}:', found none; write '${key}: …'`,
  };
}

function assignment(line: string): Clue | undefined {
  const [start, key] = /^\s*([\w.-]+)\s*(?==)/.exec(line) ?? [];
  return start === undefined ? undefined : {
    column: start.length,
    message: `expected a colon after '${key}', found '='; write '${key}: …'`,
  };
}
