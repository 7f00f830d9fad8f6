/** Diagnostics of one file for people, without what they would read twice. @module */
import { type Diagnostic, formatDiagnostic } from "./diagnostics.ts";

/** Shortest detail that is not repeated, in characters. */
const LONG = 80;

/** Text in parentheses, which may contain other parentheses. */
const DETAIL = /\((?:[^()]|\([^()]*\))*\)/g;

/** The lines about a file; a long detail in parentheses refers to the line that has it first. */
export function formatOnce(diagnostics: readonly Diagnostic[]): string[] {
  const seen = new Map<string, number>();
  return diagnostics.map((one) => {
    const message = one.message.replace(DETAIL, (detail) => {
      const line = seen.get(detail);
      if (line === undefined) seen.set(detail, one.line);
      return line === undefined || detail.length < LONG ? detail : `(see line ${line})`;
    });
    return formatDiagnostic({ ...one, message });
  });
}

/** The line of the diagnostic that says the same as `message` about a driver, if there is one. */
export function lineOf(message: string, diagnostics: readonly Diagnostic[]): number | undefined {
  const own = message.replace(/^its config has an error in line \d+: (?:export\.\S+: )?/, "");
  return diagnostics.find((one) => one.message.includes(own))?.line;
}
