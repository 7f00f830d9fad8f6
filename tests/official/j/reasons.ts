/** Why our `j` differs from the official one, and what the difference must then look like. @module */
import { structureOf } from "./help_structure.ts";

/** A difference that is meant. */
export interface Reason {
  /** One line of the table. */
  readonly text: string;
  /** Whether two outputs differ in this way only. */
  holds(official: string, ours: string): boolean;
}

const STACK = /Traceback \(most recent call last\)/;

/** An error at the end of an output, and what stands before it. */
function split(output: string): { readonly notes: string; readonly error: string } | undefined {
  const [, notes = "", error] = /^([^]*?)^Error: ([^\n]+)\r?\n$/m.exec(output) ?? [];
  return error === undefined ? undefined : { notes, error };
}

/** Help has the same commands, options and arguments, but words of our own. */
export const WORDS: Reason = {
  text: "help texts in words of our own",
  holds: (official, ours) => structureOf(official) === structureOf(ours),
};

/** Help has everything of the official one, and more. */
export function moreHelp(text: string): Reason {
  return {
    text,
    holds(official, ours) {
      const known = new Set(structureOf(ours).split("\n"));
      return structureOf(official).split("\n").every((line) => known.has(line));
    },
  };
}

/** What nothing catches there: an error of the program itself or of the exporter. */
export const NO_STACK: Reason = {
  text: "an error is one line, there a stack trace",
  holds(official, ours) {
    const found = split(ours);
    return found !== undefined && STACK.test(official) && official.startsWith(found.notes);
  },
};

/** An error of the exporter, with the words that it has sent. */
export const DRIVER_ERROR: Reason = {
  text: "an error has only the driver's words",
  holds(official, ours) {
    const found = split(ours);
    return found !== undefined && official.startsWith(found.notes) &&
      official.includes(found.error);
  },
};

/** The same kind of error in other words. */
export const ERROR_WORDS: Reason = {
  text: "errors in words of our own",
  holds(official, ours) {
    const [there, here] = [/^([^]*?)^Error: /m.exec(official)?.[1], split(ours)?.notes];
    return here !== undefined && there === here;
  },
};

/** An option at the end that wants a value. */
export const USAGE: Reason = {
  text: "the usage as well where an option lacks its value",
  holds: (official, ours) => ours.endsWith(`\n\n${official}`) && ours.startsWith("Usage: "),
};

/** A mistyped name. */
export const SUGGESTION: Reason = {
  text: "near names are found in another way",
  holds(official, ours) {
    const [there, here] = [official, ours].map((text) =>
      text.replace(/ (Did you mean|\().*$/m, "")
    );
    return there === here;
  },
};

/** The exit code after Ctrl-C. */
export const INTERRUPTED: Reason = {
  text: "Ctrl-C ends with 130, there with 2",
  holds: (official, ours) => official === "2" && ours === "130",
};

/** What is printed after Ctrl-C. */
export const WITHOUT_A_WORD: Reason = {
  text: "nothing is said about Ctrl-C",
  holds: (official, ours) => official.replace(/SIGINT pressed, terminating\r?\n$/, "") === ours,
};

const GOES_ON = "Ctrl-C ends it, there it goes on until a second one";

/** A command that is waiting in a thread of Python does not notice Ctrl-C. */
export const UNSTOPPABLE: Readonly<Record<"stdout" | "stderr" | "exit", Reason>> = {
  exit: because(GOES_ON, /^137$/, /^130$/),
  stdout: { text: GOES_ON, holds: (official, ours) => official.startsWith(ours) },
  stderr: WITHOUT_A_WORD,
};

/** A difference that is checked by patterns of both outputs. */
export function because(text: string, official: RegExp, ours: RegExp): Reason {
  return { text, holds: (there, here) => official.test(there) && ours.test(here) };
}
