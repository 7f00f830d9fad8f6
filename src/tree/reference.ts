/** Resolves dotted references among the entries of a config. @module */
import type { Entry } from "./entry.ts";

/**
 * The entry that a reference names, and the rest of the path, which may name parts of its driver.
 */
export interface Referred {
  readonly entry: Entry;
  readonly path: string;
  readonly rest: readonly string[];
}

/** Finds the entry at a dotted path, through proxies; `seen` breaks circles. */
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
