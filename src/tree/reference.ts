/** What a dotted reference leads to among the entries of a config. @module */
import type { Entry } from "./entry.ts";

/** An entry, and the names below it that no entry has: its driver may make them itself. */
export interface Referred {
  readonly entry: Entry;
  readonly path: string;
  readonly rest: readonly string[];
}

/** The entry at a dotted path, through proxies; `seen` ends paths that lead back to themselves. */
export function refer(
  entries: readonly Entry[],
  ref: string,
  seen: ReadonlySet<string> = new Set(),
): Referred | undefined {
  const [name, ...rest] = ref.split(".");
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry || rest.length === 0) return entry && { entry, path: entry.name, rest };
  if (entry.kind === "proxy") {
    if (seen.has(entry.ref)) return undefined;
    return refer(entries, [entry.ref, ...rest].join("."), new Set([...seen, entry.ref]));
  }
  const inner = refer(entry.children, rest.join("."), seen);
  if (!inner) return { entry, path: entry.name, rest };
  return { ...inner, path: `${entry.name}.${inner.path}` };
}
