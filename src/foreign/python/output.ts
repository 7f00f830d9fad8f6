/** Output of programs, in messages. @module */
import { cut } from "../../text/cut.ts";

/** Longest line in a message, in characters. */
const MAX_LINE = 200;

/** The last line that is not empty, cut to a readable length; empty if there is none. */
export function lastLine(text: string): string {
  return cut(text.trimEnd().split("\n").at(-1)!.trim(), MAX_LINE);
}
