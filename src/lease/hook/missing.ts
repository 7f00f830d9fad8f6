/** Finds in the output of a hook which command its shell did not find. @module */

/** The exit code of a shell for a command that it did not find. */
export const NOT_FOUND = 127;

/** `sh: 1: j: not found`, `bash: line 1: j: command not found` */
const AFTER_NAME = /([^\s:]+): (?:command )?not found$/;
/** `zsh:1: command not found: j` */
const BEFORE_NAME = /command not found: (\S+)$/;

/** Longest line of a shell in characters. The time of the expressions grows with its square. */
const MAX_LINE = 512;

/** Returns the name of the command that `line` says was not found. */
export function missingCommand(line: string): string | undefined {
  if (line.length > MAX_LINE) return undefined;
  return (AFTER_NAME.exec(line) ?? BEFORE_NAME.exec(line))?.[1];
}

/** Explains why a command was not found, and what to do. */
export function explainMissing(command: string | undefined): string {
  if (command === undefined) return "a command was not found, see the output of the hook";
  const text = `the command '${command}' was not found`;
  if (command !== "j" && command !== "jmp") return text;
  return `${text}: it is in the last folder of the PATH that the hook is given, so a script that sets ` +
    "PATH must keep it: PATH=/my/bin:$PATH";
}
