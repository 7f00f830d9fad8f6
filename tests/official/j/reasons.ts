/** Why our `j` differs from the official one, and what the difference must then look like. @module */
import type { Aspect } from "./cases.ts";
import { structureOf } from "./help_structure.ts";

/** A difference that is meant. */
export interface Reason {
  /** One line of the table. */
  readonly text: string;
  /** Whether two outputs differ in this way only. */
  holds(official: string, ours: string): boolean;
}

const STACK = /Traceback .*\(most recent call last\)/;

/** An error at the end of an output, and what stands before it. */
function split(output: string): { readonly notes: string; readonly error: string } | undefined {
  const [, notes = "", error] = /^([^]*?)^Error: ([^\n]+)\r?\n$/m.exec(output) ?? [];
  return error === undefined ? undefined : { notes, error };
}

/** Help has the same commands, options and arguments, but words of our own. */
export const WORDS: Reason = {
  text: "help has the same commands and options, in words of our own",
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
  text: "an error is one line; officially a stack trace",
  holds(official, ours) {
    const found = split(ours);
    return found !== undefined && STACK.test(official) && official.startsWith(found.notes);
  },
};

/** An error of the exporter, with the words that it has sent. */
export const DRIVER_ERROR: Reason = {
  text: "an error has the driver's words only; officially those of its client around them",
  holds(official, ours) {
    const found = split(ours);
    return found !== undefined && official.startsWith(found.notes) &&
      official.includes(found.error);
  },
};

/** The same kind of error in other words. */
export const ERROR_WORDS: Reason = {
  text: "the same errors, in words of our own",
  holds(official, ours) {
    const [there, here] = [/^([^]*?)^Error: /m.exec(official)?.[1], split(ours)?.notes];
    return here !== undefined && there === here;
  },
};

/** An option at the end that wants a value. */
export const USAGE: Reason = {
  text: "the usage is printed as for other mistakes, where an option lacks its value",
  holds: (official, ours) => ours.endsWith(`\n\n${official}`) && ours.startsWith("Usage: "),
};

/** A mistyped name. */
export const SUGGESTION: Reason = {
  text: "which similar name an error suggests",
  holds(official, ours) {
    const [there, here] = [official, ours].map((text) =>
      text.replace(/ (Did you mean|\().*$/m, "")
    );
    return there === here;
  },
};

/** The exit code after Ctrl-C. */
export const INTERRUPTED: Reason = {
  text: "the exit code after Ctrl-C is 130, as shells expect; officially 2",
  holds: (official, ours) => official === "2" && ours === "130",
};

/** What is printed after Ctrl-C. */
export const WITHOUT_A_WORD: Reason = {
  text: "nothing is printed about Ctrl-C",
  holds: (official, ours) => official.replace(/SIGINT pressed, terminating\r?\n$/, "") === ours,
};

const GOES_ON = "Ctrl-C ends it, with 130; officially it goes on until a second one";

/** A command that is waiting in a thread of Python does not notice Ctrl-C. */
export const UNSTOPPABLE: Readonly<Record<"stderr" | "exit", Reason>> = {
  exit: because(GOES_ON, /^137$/, /^130$/),
  stderr: WITHOUT_A_WORD,
};

const LEFT_OUT =
  "the official client declares the command in a way that leaves it out; ours has it";

/** A command that the official client has not at run time, as it declares it in a wrong way. */
export function leftOut(stdout: RegExp, effects = /^$/, text = LEFT_OUT) {
  const differs: Partial<Record<Aspect, Reason>> = {
    exit: because(text, /^1$/, /^0$/),
    stderr: because(text, /Error: No such command/, /^$/),
    ...!stdout.test("") && { stdout: because(text, /^$/, stdout) },
    ...!effects.test("") && { effects: because(text, /^$/, effects) },
  };
  return differs;
}

/** A bar that shows how far a transfer is, between its lines. */
export const PROGRESS: Reason = {
  text: "progress is shown on standard error; officially in the output",
  holds: (official, ours) => official.replace(/^transfer .*\n/gm, "") === ours,
};

/** A difference that is checked by patterns of both outputs. */
export function because(text: string, official: RegExp, ours: RegExp): Reason {
  return { text, holds: (there, here) => official.test(there) && ours.test(here) };
}
