/** Judges whether two runs differ as it is declared. @module */
import type { Aspect, Case, Observation } from "./cases.ts";

/**
 * The complaints about a pair of runs: differences that are not declared, or are other than declared,
 * and declared ones that are not there.
 */
export function complaints(
  invocation: Case,
  exporter: "official" | "ours",
  official: Observation,
  ours: Observation,
): string[] {
  const { differs, differsThere, differsHere } = invocation;
  const declared = { ...differs, ...(exporter === "ours" ? differsHere : differsThere) };
  const found = (Object.keys(official) as Aspect[]).flatMap((aspect) => {
    const [there, here] = [official[aspect], ours[aspect]];
    const reason = declared[aspect];
    if (!reason) return there === here ? [] : [shown(`${aspect} differs`, there, here)];
    if (there === here) return [`${aspect} does not differ any more: ${reason.text}`];
    return reason.holds(there, here) ? [] : [shown(`${aspect}: not '${reason.text}'`, there, here)];
  });
  const command = `j ${invocation.args.join(" ")}`;
  return found.map((text) => `${command} (${exporter} exporter): ${text}`);
}

/** The last lines, where a stack trace has its cause. */
const SHOWN_CHARACTERS = 1500;

function shown(text: string, official: string, ours: string): string {
  const [there, here] = [official, ours].map((output) => indented(output.slice(-SHOWN_CHARACTERS)));
  return `${text}\n  official:\n${there}\n  ours:\n${here}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
