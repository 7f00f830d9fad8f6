/** The layout of help: that of click, which official clients use. @module */
import { printable } from "../text/printable.ts";
import type { Argument, Command, Option } from "commander";

/** Widest text, in columns; a narrower terminal has less. */
const MAX_WIDTH = 80;
const MIN_WIDTH = 52;
/** Widest first column of a list. */
const MAX_TERM = 30;
const SPACING = 2;

/** A line of a list: a term, and what it means. */
type Row = readonly [term: string, text: string];

/** The help of a command. */
export function formatHelp(command: Command & { readonly path: string }): string {
  const width = Math.max(Math.min(columns(), MAX_WIDTH), MIN_WIDTH) - 2;
  const sections = [
    usageOf(command, width),
    paragraphs(command.description(), width),
    list("Options", optionRows(command), width),
    ...commandLists(command, width),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** `Usage: j power [OPTIONS] COMMAND [ARGS]...` */
export function usageOf(command: Command & { readonly path: string }, width = Infinity): string {
  const hasCommands = command.commands.length > 0 || !command.parent;
  const args = hasCommands
    ? ["COMMAND", "[ARGS]..."]
    : command.registeredArguments.map(argumentTerm);
  const lead = `Usage: ${command.path} `;
  return indented(wrap(["[OPTIONS]", ...args].join(" "), width - lead.length), lead);
}

/** The width of the terminal, in characters; 80 where there is none. */
export function columns(): number {
  try {
    return Deno.consoleSize().columns || MAX_WIDTH;
  } catch {
    return MAX_WIDTH;
  }
}

function argumentTerm(argument: Argument): string {
  const name = argument.name().toUpperCase();
  return `${argument.required ? name : `[${name}]`}${argument.variadic ? "..." : ""}`;
}

function optionRows(command: Command): Row[] {
  const visible = command.createHelp().visibleOptions(command);
  return visible.map((option) => [optionTerm(option), option.description]);
}

/** `-w, --wait INTEGER`, or `    --wait` where others have a short form. */
function optionTerm({ flags }: Option): string {
  return flags.replace(/<([^>]*)>/, "$1");
}

/** The lists of commands, under the headings of their groups. */
function commandLists(command: Command, width: number): string[] {
  const visible = command.createHelp().visibleCommands(command);
  const groups = Map.groupBy(visible, (inner) => inner.helpGroup() || "Commands:");
  return [...groups].map(([heading, commands]) =>
    list(heading.replace(/:$/, ""), commands.map(commandRow).sort(byName), width)
  );
}

function commandRow(command: Command): Row {
  return [printable(command.name()), firstSentence(command.summary() || command.description())];
}

function byName([a]: Row, [b]: Row): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstSentence(text: string): string {
  const [paragraph = ""] = text.split("\n\n");
  const line = paragraph.replace(/\s+/g, " ").trim();
  return /^.*?\.(?=\s)/.exec(line)?.[0] ?? line;
}

function list(heading: string, rows: readonly Row[], width: number): string {
  if (rows.length === 0) return "";
  const longest = Math.max(...rows.map(([term]) => term.length));
  const column = Math.min(longest, MAX_TERM) + SPACING;
  const room = Math.max(width - column - 2, 10);
  const lines = rows.flatMap(([term, text]) => {
    const [first = "", ...rest] = wrap(text, room);
    const further = rest.map((line) => `  ${" ".repeat(column)}${line}`);
    if (first === "") return [`  ${term}`];
    if (term.length <= column - SPACING) return [`  ${term.padEnd(column)}${first}`, ...further];
    return [`  ${term}`, `  ${" ".repeat(column)}${first}`, ...further];
  });
  return [`${heading}:`, ...lines].join("\n");
}

/** Paragraphs are wrapped; lines that begin with a blank stay as they are. */
function paragraphs(text: string, width: number): string {
  const wrapped = text.trim().split("\n\n").map((paragraph) => {
    if (/^\s/.test(paragraph)) return paragraph.split("\n").map((line) => `  ${line}`).join("\n");
    return indented(wrap(paragraph.replace(/\s+/g, " "), width - 2), "  ");
  });
  return wrapped.join("\n\n");
}

/** The lines after `lead`, below each other. */
function indented(lines: readonly string[], lead: string): string {
  return lines.map((line, index) => `${index === 0 ? lead : " ".repeat(lead.length)}${line}`)
    .join("\n");
}

/** Breaks a text into lines of at most `width` characters, except for longer words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
