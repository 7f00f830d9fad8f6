/**
 * Driver entries whose keys are indented like their name. YAML reads such keys as further
 * drivers, or fails; they are moved below the name, so that there is one error about them
 * and the rest of the file is checked as it was meant.
 *
 * @module
 */
import { lineRanges, scanLines, type YamlLine } from "../yaml/lines.ts";
import { allOf } from "../../text/enumerate.ts";

/** The keys of a driver entry. */
export const ENTRY_KEYS: readonly string[] = [
  "type",
  "config",
  "children",
  "python",
  "description",
  "methods_description",
  "ref",
];

/** The error about an entry whose keys were moved. */
export interface IndentationProblem {
  /** Of the first of the keys, in the file as the user wrote it. */
  readonly line: number;
  readonly column: number;
  /** Keys from the document's root to the driver. */
  readonly path: readonly string[];
  readonly message: string;
  /**
   * Whether the official exporter starts all the same, because it reads the keys as further
   * drivers, which are empty groups.
   */
  readonly tolerated: boolean;
}

/** A text in which every driver's keys are below its name. */
export interface MendedText {
  readonly text: string;
  /** Columns that lines were moved to the right, by line number from 1. */
  readonly shifts: ReadonlyMap<number, number>;
  readonly problems: readonly IndentationProblem[];
}

/** Finds driver entries whose keys are not indented and indents them. */
export function mendIndentation(text: string): MendedText {
  const lines = scanLines(text);
  const shifts = new Map<number, number>();
  const problems = lines.flatMap((line, index) => {
    const mayHold = line.rest === "" && (line.key === "children" || line.key === "export");
    return mayHold && holdsEntries(pathTo(lines, index)) ? mendBlock(lines, index, shifts) : [];
  });
  if (problems.length === 0) return { text, shifts, problems };
  const moved = text.split("\n").map((line, index) => {
    const shift = shifts.get(index + 1);
    return shift === undefined ? line : " ".repeat(shift) + line;
  });
  return { text: moved.join("\n"), shifts, problems };
}

/** Whether `path` is that of `export` or of the children of an entry. */
function holdsEntries([first, ...rest]: readonly string[]): boolean {
  const isBelow = rest.length % 2 === 0 &&
    rest.every((key, index) => index % 2 === 0 || key === "children");
  return first === "export" && isBelow;
}

/** An entry of a block, and the keys that belong below its name. */
interface Broken {
  readonly name: YamlLine;
  /** The first line that is indented correctly below the name. */
  readonly inner?: YamlLine;
  readonly strays: Stray[];
}

interface Stray {
  readonly line: YamlLine;
  readonly nested: readonly YamlLine[];
}

function mendBlock(
  lines: readonly YamlLine[],
  parent: number,
  shifts: Map<number, number>,
): IndentationProblem[] {
  const holder = lines[parent]!;
  const block = nestedLines(lines, parent);
  const level = block[0]?.indent ?? 0;
  const path = pathTo(lines, parent);
  return findBroken(block, level).map((broken) => {
    const step = indentStep(broken, level, holder);
    const moved = broken.strays.flatMap((stray) => linesToMove(stray));
    for (const number of moved) shifts.set(number, (shifts.get(number) ?? 0) + step);
    const first = broken.strays[0]!.line;
    const name = broken.name.key!;
    return {
      line: first.number,
      column: first.indent + 1,
      path: [...path, name],
      message: describe(broken, moved, step),
      tolerated: broken.inner !== undefined && broken.strays.every(isMapping),
    };
  });
}

function findBroken(block: readonly YamlLine[], level: number): Broken[] {
  const found: Broken[] = [];
  let current: Broken | undefined;
  block.forEach((line, index) => {
    if (line.indent !== level || line.key === undefined) return;
    const nested = nestedLines(block, index);
    if (current && isStray(line, nested, current)) {
      if (current.strays.length === 0) found.push(current);
      current.strays.push({ line, nested });
      return;
    }
    const inner = nested[0];
    const canHoldKeys = line.rest === "" && !ENTRY_KEYS.includes(line.key);
    current = canHoldKeys ? { name: line, strays: [], ...(inner && { inner }) } : undefined;
  });
  return found;
}

/** Whether `line` is a key of `current`, found where names of drivers are expected. */
function isStray(line: YamlLine, nested: readonly YamlLine[], current: Broken): boolean {
  if (!ENTRY_KEYS.includes(line.key!)) return false;
  if (current.strays.some((stray) => stray.line.key === line.key)) return false;
  if (line.key === "type" || line.key === "ref" || line.key === "description") {
    const isMap = /^(?:\{|[&!]\S*$)/.test(line.rest);
    return line.rest !== "" && !isMap;
  }
  return current.strays.length > 0 || !isEntry({ line, nested });
}

/** Whether the value of a line is that of a driver, whose name is like a key of entries. */
function isEntry({ line, nested }: Stray): boolean {
  if (/^\{\s*["']?(?:type|ref|children)\b/.test(line.rest)) return true;
  const level = nested[0]?.indent;
  return nested.some((inner) =>
    inner.indent === level && ["type", "ref", "children"].includes(inner.key ?? "")
  );
}

function isMapping({ line, nested }: Stray): boolean {
  return line.rest === "" ? nested[0]?.key !== undefined : line.rest.startsWith("{");
}

function indentStep(broken: Broken, level: number, holder: YamlLine): number {
  if (broken.inner) return broken.inner.indent - level;
  const deeper = broken.strays.map(misplacedBelow).find((line) => line !== undefined);
  return (deeper?.indent ?? level + level - holder.indent) - level;
}

/** A key of the entry that is indented below a stray key which already has a value. */
function misplacedBelow(stray: Stray): YamlLine | undefined {
  const first = stray.nested[0];
  const isComplete = stray.line.rest !== "" && !/^[|>{[&*]/.test(stray.line.rest);
  return isComplete && ENTRY_KEYS.includes(first?.key ?? "") ? first : undefined;
}

function linesToMove(stray: Stray): number[] {
  const nested = misplacedBelow(stray) ? [] : stray.nested;
  const last = nested.at(-1)?.last ?? stray.line.last;
  return Array.from(
    { length: last - stray.line.number + 1 },
    (_, index) => stray.line.number + index,
  );
}

function describe({ name, strays, inner }: Broken, moved: number[], step: number): string {
  const keys = allOf(strays.map(({ line }) => `'${line.key}' (line ${line.number})`));
  const verb = strays.length === 1 ? "is" : "are";
  const found = inner
    ? `found ${keys} indented like '${name.key}'`
    : `found nothing, because ${keys} ${verb} indented like '${name.key}'`;
  return `expected the keys of '${name.key}' (line ${name.number}) indented below it, ${found}; ` +
    `indent ${lineRanges(moved)} by ${step} more ${step === 1 ? "space" : "spaces"}`;
}

function nestedLines(lines: readonly YamlLine[], parent: number): YamlLine[] {
  const { indent } = lines[parent]!;
  const end = lines.findIndex((line, index) => index > parent && line.indent <= indent);
  return lines.slice(parent + 1, end < 0 ? undefined : end);
}

function pathTo(lines: readonly YamlLine[], index: number): string[] {
  const path: string[] = [];
  let indent = Infinity;
  for (const line of lines.slice(0, index + 1).reverse()) {
    if (line.key === undefined || line.indent >= indent) continue;
    path.unshift(line.key);
    indent = line.indent;
  }
  return path;
}
