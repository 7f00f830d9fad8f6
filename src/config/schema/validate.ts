/**
 * Checks a YAML value against a schema. Where the schema rejects a value but accepts its
 * YAML 1.1 reading (`yes` as true), the reading counts, as for the official exporter.
 *
 * @module
 */
import type { z } from "zod";
import { didYouMean } from "../../text/nearest.ts";
import { type Complaint, complaints } from "./issues.ts";
import type { YamlPath } from "../yaml/position.ts";
import { knownKeys } from "./known_keys.ts";
import { type ReadingContext, warnOfReadings, withYaml11Readings } from "./yaml11_readings.ts";

/** A value's position, and what messages about it need. */
export interface ValueContext extends ReadingContext {
  /** Whose keys the value holds: `jumpstarter_driver_pyserial.driver.PySerial`. */
  readonly owner: string;
  /** What to do about a key that belongs elsewhere: `move it out of 'metadata:'`. */
  readonly remedy?: (key: string) => string | undefined;
}

/** The parsed `value`, or undefined after reporting every complaint at its position. */
export async function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  context: ValueContext,
): Promise<z.output<S> | undefined> {
  const first = await schema.safeParseAsync(value);
  if (first.success) {
    warnOfReadings(value, first.data, context);
    return first.data;
  }
  const written = (path: YamlPath) => context.document.written([...context.path, ...path]);
  const rejected = first.error.issues.flatMap((issue) => complaints(issue, value, written));
  const patched = withYaml11Readings(value, rejected.map(({ path }) => path), context);
  const second = await schema.safeParseAsync(patched);
  if (second.success) {
    warnOfReadings(patched, second.data, context);
    return second.data;
  }
  for (const issue of second.error.issues) {
    for (const complaint of complaints(issue, value, written)) {
      reportComplaint(schema, complaint, context);
    }
  }
  return undefined;
}

function reportComplaint(schema: z.ZodType, complaint: Complaint, context: ValueContext): void {
  const { findings, owner, remedy } = context;
  const path = [...context.path, ...complaint.path];
  if (complaint.kind === "value") return findings.error(path, complaint.message);
  if (complaint.kind === "missing") {
    return findings.error(path.slice(0, -1), complaint.message, "key");
  }
  const known = knownKeys(schema, complaint.path.slice(0, -1));
  const key = String(complaint.path.at(-1));
  findings.error(path, unknownKey(key, known, owner, "", remedy?.(key)), "key");
}

/** The message about a key that `owner` does not have, with its consequence, if there is one. */
export function unknownKey(
  name: string,
  known: readonly string[],
  owner: string,
  consequence = "",
  remedy?: string,
): string {
  const list = known.length > 0 ? ` (${known.join(", ")})` : "";
  const suggestion = didYouMean(name, known) || `; ${remedy ?? "remove it"}`;
  return `expected a key of ${owner}${list}, found '${name}'${consequence}${suggestion}`;
}
