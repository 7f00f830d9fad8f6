/** Builds the driver tree of a config and reports references without a target. @module */
import type { Entry, ProxyEntry } from "../../tree/entry.ts";
import { buildTree } from "../../tree/build.ts";
import type { DriverNode } from "../../tree/node.ts";
import type { Identity } from "../../tree/uuid.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import type { ReadEntries } from "./entries.ts";
import { didYouMean } from "../../text/nearest.ts";

/** Builds the tree, and reports references that name no driver or form a circle. */
export function buildCheckedTree(
  { entries, refs }: ReadEntries,
  identity: Identity,
  description: string | undefined,
  findings: Findings,
): DriverNode {
  const report = (path: string, ref: string, reason: string) => {
    const message = `expected the path of a driver, found '${ref}': ${reason}`;
    findings.error(refs.get(path) ?? [], message);
  };
  const finite = withoutCircles(entries, "", entries, report);
  const { root, problems } = buildTree(finite, identity, description);
  const paths = entries.flatMap((entry) => [...pathsOf(entry, "")]);
  for (const { path, ref, reason } of problems) {
    const list = `; there are: ${paths.slice(0, 20).join(", ")}`;
    report(path, ref, reason + (paths.includes(ref) ? "" : didYouMean(ref, paths) || list));
  }
  return root;
}

function* pathsOf(entry: Entry, parent: string): Generator<string> {
  const path = join(parent, entry.name);
  yield path;
  if (entry.kind === "proxy") return;
  for (const child of entry.children) yield* pathsOf(child, path);
}

/**
 * The entries without circular references: resolving one through another (`a: {ref: a.b}`)
 * can yield ever longer paths, which the tree would follow for ever.
 */
function withoutCircles(
  entries: readonly Entry[],
  parent: string,
  root: readonly Entry[],
  report: (path: string, ref: string, reason: string) => void,
): Entry[] {
  return entries.flatMap((entry): Entry[] => {
    const path = join(parent, entry.name);
    if (entry.kind === "driver") {
      return [{ ...entry, children: withoutCircles(entry.children, path, root, report) }];
    }
    const circle = findCircle(root, entry);
    if (!circle) return [entry];
    report(path, entry.ref, `the references form a circle: ${[path, ...circle].join(" → ")}`);
    return [];
  });
}

/** The references from `start` until one repeats, or undefined if they end at a driver. */
function findCircle(root: readonly Entry[], start: ProxyEntry): string[] | undefined {
  const { ref } = start;
  const followed = [ref];
  const proxies = new Set<Entry>([start]);
  let entries = root;
  let names = ref.split(".");
  while (names.length > 0) {
    const [name, ...rest] = names;
    const entry = entries.find((candidate) => candidate.name === name);
    if (!entry) return undefined;
    if (entry.kind === "driver") {
      [entries, names] = [entry.children, rest];
      continue;
    }
    if (proxies.has(entry)) return followed;
    proxies.add(entry);
    [entries, names] = [root, [...entry.ref.split("."), ...rest]];
    followed.push(names.join("."));
  }
  return undefined;
}

function join(parent: string, name: string): string {
  return parent ? `${parent}.${name}` : name;
}
