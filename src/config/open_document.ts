/** Opens the text of a config as a YAML document, with lines indented as they are meant. @module */
import { type IndentationProblem, mendIndentation } from "./schema/entry_indentation.ts";
import { YamlDocument } from "./yaml/document.ts";
import { pathText } from "./yaml/position.ts";
import { indentSpans } from "./yaml/spans.ts";

/** A document that tells positions in the file as the user wrote it. */
export interface OpenedDocument {
  readonly document: YamlDocument;
  /** The text that was parsed. */
  readonly text: string;
  /** Entries whose keys were not indented below their names, by the paths of the entries. */
  readonly misplaced: ReadonlyMap<string, IndentationProblem>;
  /** Lines inside quotes or brackets that were moved to the right. */
  readonly moved: readonly number[];
}

/** Never throws: mistakes that remain are errors of the document. */
export function openDocument(text: string): OpenedDocument {
  // The official exporter takes these line ends as well; the length stays the same.
  const unix = text.replace(/\r(?!\n)|[\u0085\u2028\u2029]/g, "\n");
  const plain = open(unix, new Map());
  if (plain.document.ast.errors.length === 0) return plain;
  const spans = indentSpans(unix);
  if (spans.shifts.size === 0) return plain;
  const mended = open(spans.text, spans.shifts);
  return mended.document.ast.errors.length === 0 ? mended : plain;
}

function open(text: string, moved: ReadonlyMap<number, number>): OpenedDocument {
  const mended = mendIndentation(text);
  const shifts = new Map(moved);
  for (const [line, shift] of mended.shifts) shifts.set(line, shift + (shifts.get(line) ?? 0));
  return {
    document: new YamlDocument(mended.text, shifts),
    text: mended.text,
    misplaced: new Map(mended.problems.map((problem) => [pathText(problem.path), problem])),
    moved: [...moved.keys()].sort((a, b) => a - b),
  };
}
