/** Completes the words of a command line of `j`, for shells: `j --complete SHELL WORDS… CURRENT`. @module */
import type { Option } from "commander";
import type { LocalSocket } from "../client/local/sockets.ts";
import type { DriverClient } from "../client/driver_client.ts";
import type { JCommand } from "./command.ts";
import { driversBelow } from "./driver_path.ts";
import type { Output } from "./output.ts";

/** The first argument of a request for completion. */
export const COMPLETE = "--complete";

/** Offers the exporters of this host as values of `--exporter`. */
export function offerExporters(root: JCommand, exporters: readonly LocalSocket[]): void {
  const option = root.options.find(({ long }) => long === "--exporter");
  if (!option) return;
  const count = Map.groupBy(exporters, ({ name }) => name);
  option.argChoices = exporters.map(({ namespace, name }) => {
    return count.get(name)!.length === 1 ? name : `${namespace}/${name}`;
  });
}

/** A word that may replace the current one. */
interface Candidate {
  readonly word: string;
  /** One line, or empty. */
  readonly about: string;
}

/** The words before the last one, and before the option whose value that may be. */
export function wordsBefore(words: readonly string[]): readonly string[] {
  return words.slice(0, words.at(-2)?.startsWith("-") ? -2 : -1);
}

/** Prints the candidates. @param words the name of the shell, and the words after `j` */
export function complete(
  root: JCommand,
  [shell = "", ...words]: readonly string[],
  tree: DriverClient | undefined,
  output: Output,
): void {
  const found = candidates(root, words, tree);
  if (found.length > 0) output.line(formatCandidates(shell, found));
}

/**
 * The candidates for the last of `words`; none where it is free text or the name of a file.
 *
 * @param root the root command, with the commands that the words name
 * @param tree the drivers, for arguments that name one
 */
function candidates(
  root: JCommand,
  words: readonly string[],
  tree: DriverClient | undefined,
): readonly Candidate[] {
  const current = words.at(-1) ?? "";
  const { command, pending, operands } = follow(root, words.slice(0, -1));
  const all = pending
    ? choicesOf(pending)
    : current.startsWith("-")
    ? optionsOf(command)
    : command.commands.length > 0
    ? commandsOf(command)
    : argumentAt(command, operands) === "driver" && tree
    ? pathsOf(tree)
    : [];
  // A shell would take the parts of a name with a line end for names.
  return all.filter(({ word }) => word.startsWith(current) && !/\p{Cc}/u.test(word));
}

/** The command that words name, and the position in its arguments. */
interface Reached {
  readonly command: JCommand;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** Number of the command's arguments so far. */
  readonly operands: number;
}

function follow(root: JCommand, words: readonly string[]): Reached {
  let command = root;
  let pending: Option | undefined;
  let operands = 0;
  for (const word of words) {
    if (pending) pending = undefined;
    else if (word.startsWith("-")) {
      const option = command.options.find((option) =>
        option.long === word || option.short === word
      );
      if (option?.required) pending = option;
    } else {
      const inner = command.commands.find((inner) => inner.name() === word);
      if (inner) command = inner as JCommand;
      else operands += 1;
    }
  }
  return { command, pending, operands };
}

/** The choices in a placeholder such as `<[gzip|xz]>`. */
function choicesOf({ flags, argChoices }: Option): Candidate[] {
  const [, choices = ""] = /\[([^\]]+)\]/.exec(flags) ?? [];
  const words = argChoices ?? choices.split("|").filter((word) => word !== "");
  return words.map((word) => ({ word, about: "" }));
}

function optionsOf(command: JCommand): Candidate[] {
  return command.createHelp().visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? "", about: description }));
}

function commandsOf(command: JCommand): Candidate[] {
  return command.createHelp().visibleCommands(command)
    .map((inner) => ({ word: inner.name(), about: inner.summary() || inner.description() }));
}

function argumentAt(command: JCommand, index: number): string | undefined {
  return command.registeredArguments[index]?.name().toLowerCase();
}

/** The paths of all drivers. */
function pathsOf(root: DriverClient): Candidate[] {
  return Array.from(driversBelow(root), ({ path, driver }) => {
    return { word: path, about: driver.description };
  });
}

/** Candidates as a shell reads them, one a line. */
function formatCandidates(shell: string, found: readonly Candidate[]): string {
  const line = (text: string) => text.replace(/\s+/g, " ").trim();
  const forms: Record<string, (candidate: Candidate) => string> = {
    zsh: ({ word, about }) => about ? `${word.replaceAll(":", "\\:")}:${line(about)}` : word,
    fish: ({ word, about }) => about ? `${word}\t${line(about)}` : word,
  };
  return found.map(forms[shell] ?? (({ word }) => word)).join("\n");
}
