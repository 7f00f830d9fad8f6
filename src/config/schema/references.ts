/**
 * Builds the driver tree of a config. A reference without a target becomes a driver that is not
 * available, so that the others work.
 *
 * @module
 */
import type { DriverEntry, Entry, ProxyEntry } from "../../tree/entry.ts";
import { buildTree } from "../../tree/build.ts";
import { DriverTree } from "../../tree/driver_tree.ts";
import { refer } from "../../tree/reference.ts";
import type { Identity } from "../../tree/uuid.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import type { ReadEntries } from "./entries.ts";
import { didYouMean } from "../../text/nearest.ts";
import { pathBelow } from "../../tree/path.ts";
import { unusableEntry } from "./unusable.ts";

/** Builds the tree, and reports references that name no driver or form a circle. */
export function buildCheckedTree(
  { entries, refs }: ReadEntries,
  identity: Identity,
  description: string | undefined,
  findings: Findings,
): DriverTree {
  const paths = entries.flatMap((entry) => [...pathsOf(entry, "")]);
  const unresolved = (proxy: ProxyEntry, path: string, reason: string): DriverEntry => {
    const own = findings.within("entry");
    const owner = unavailableOwner(entries, proxy.ref);
    const why = owner === undefined ? reason : `'${owner}' is not available`;
    own.error(refs.get(path) ?? [], `expected the path of a driver, found '${proxy.ref}': ${why}`);
    return unusableEntry({ name: proxy.name, findings: own });
  };
  const finite = replaceProxies(entries, (proxy, path) => {
    const circle = findCircle(entries, proxy);
    return circle &&
      unresolved(proxy, path, `the references form a circle: ${[path, ...circle].join(" → ")}`);
  });
  const { problems } = buildTree(finite, identity, description);
  const resolved = replaceProxies(finite, (proxy, path) => {
    const problem = problems.find((candidate) => candidate.path === path);
    if (!problem) return undefined;
    const list = `; there are: ${paths.slice(0, 20).join(", ")}`;
    const advice = paths.includes(proxy.ref) ? "" : didYouMean(proxy.ref, paths) || list;
    return unresolved(proxy, path, problem.reason + advice);
  });
  return new DriverTree(resolved, identity, description);
}

function* pathsOf(entry: Entry, parent: string): Generator<string> {
  const path = pathBelow(parent, entry.name);
  yield path;
  if (entry.kind === "proxy") return;
  for (const child of entry.children) yield* pathsOf(child, path);
}

/** The path of the unavailable driver that `ref` leads into, if it does. */
function unavailableOwner(entries: readonly Entry[], ref: string): string | undefined {
  const found = refer(entries, ref);
  if (found?.entry.kind !== "driver" || found.rest.length === 0) return undefined;
  return "unavailable" in found.entry.source ? found.path : undefined;
}

/** The entries, with proxies replaced where `replacement` returns an entry. */
function replaceProxies(
  entries: readonly Entry[],
  replacement: (proxy: ProxyEntry, path: string) => Entry | undefined,
  parent = "",
): Entry[] {
  return entries.map((entry): Entry => {
    const path = pathBelow(parent, entry.name);
    if (entry.kind === "proxy") return replacement(entry, path) ?? entry;
    return { ...entry, children: replaceProxies(entry.children, replacement, path) };
  });
}

/**
 * The references from `start` until one repeats, or undefined if they end at a driver. The tree
 * would follow some for ever: `a: {ref: a.b}` yields ever longer paths.
 */
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
