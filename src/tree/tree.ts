/**
 * The driver tree of one exporter: names, uuids and references settled, nothing
 * opened. Reports come from it, so they are the same in Register and in every lease.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { DriverInstanceReport } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { DriverEntry, DriverSource, Entry, ProxyEntry } from "./entry.ts";

const CLIENT_LABEL = "jumpstarter.dev/client";
const NAME_LABEL = "jumpstarter.dev/name";
const COMPOSITE_CLIENT = "jumpstarter_driver_composite.client.CompositeClient";
/** What clients use for a driver that they have no class for: calls work, no command line. */
const BASE_CLIENT = "jumpstarter.client.DriverClient";

/** A driver's place in the tree. */
export interface DriverNode {
  readonly kind: "driver";
  /** The key under its parent; empty on the root. */
  readonly name: string;
  /** Names from the root, joined by dots; empty on the root. */
  readonly path: string;
  /** Derived from the exporter's identity and the path, so the same after a restart. */
  readonly uuid: string;
  readonly type: string;
  readonly source: DriverSource;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly children: readonly TreeNode[];
}

/** A second name of a driver. */
export interface ProxyNode {
  readonly kind: "proxy";
  readonly name: string;
  readonly path: string;
  readonly target: DriverNode;
}

/** A row of the tree. */
export type TreeNode = DriverNode | ProxyNode;

/** A reference that leads nowhere or in a circle; `path` is the proxy's. */
export interface RefProblem {
  readonly path: string;
  readonly ref: string;
  readonly reason: string;
}

/** Who the exporter is; the source of its uuids. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
}

/** A tree and the references that could not be resolved (their entries are left out). */
export interface BuiltTree {
  readonly root: DriverNode;
  readonly problems: readonly RefProblem[];
}

/** Builds the tree under a synthetic root composite with the exporter's `description`. */
export function buildTree(
  entries: readonly Entry[],
  identity: Identity,
  description?: string,
): BuiltTree {
  return new TreeBuilder(entries, identity).build(description);
}

class TreeBuilder {
  readonly #entries: readonly Entry[];
  readonly #identity: Identity;
  readonly #nodes = new Map<string, DriverNode>();
  /** Drivers whose children are being built: a reference to one of them has no end. */
  readonly #unfinished = new Set<string>();
  readonly #problems: RefProblem[] = [];

  constructor(entries: readonly Entry[], identity: Identity) {
    this.#entries = entries;
    this.#identity = identity;
  }

  build(description?: string): BuiltTree {
    const children = this.#buildAll(this.#entries, "");
    const root: DriverNode = {
      kind: "driver",
      name: "",
      path: "",
      uuid: driverUuid(this.#identity, ""),
      type: "",
      source: ROOT_SOURCE,
      ...(description && { description }),
      methodsDescription: {},
      labels: { [CLIENT_LABEL]: COMPOSITE_CLIENT },
      children,
    };
    return { root, problems: this.#problems };
  }

  #buildAll(entries: readonly Entry[], parent: string): TreeNode[] {
    return entries.flatMap((entry): TreeNode[] => {
      const path = parent ? `${parent}.${entry.name}` : entry.name;
      if (entry.kind === "driver") return [this.#driver(entry, path)];
      const target = this.#follow(entry, path);
      return target ? [{ kind: "proxy", name: entry.name, path, target }] : [];
    });
  }

  #driver(entry: DriverEntry, path: string): DriverNode {
    const known = this.#nodes.get(path);
    if (known) return known;
    this.#unfinished.add(path);
    const node: DriverNode = {
      kind: "driver",
      name: entry.name,
      path,
      uuid: entry.uuid ?? driverUuid(this.#identity, path),
      type: entry.type,
      source: entry.source,
      ...(entry.description && { description: entry.description }),
      methodsDescription: entry.methodsDescription,
      labels: reportLabels(entry),
      children: this.#buildAll(entry.children, path),
    };
    this.#unfinished.delete(path);
    this.#nodes.set(path, node);
    return node;
  }

  /** The driver that a chain of references ends at. */
  #follow(proxy: ProxyEntry, path: string): DriverNode | undefined {
    const chain = [path];
    let ref = proxy.ref;
    for (;;) {
      const found = find(this.#entries, ref);
      if (!found) return this.#problem(path, proxy.ref, `nothing is exported as '${ref}'`);
      if (this.#unfinished.has(found.path)) {
        return this.#problem(path, proxy.ref, `'${found.path}' would contain itself`);
      }
      if (found.entry.kind === "driver") return this.#driver(found.entry, found.path);
      if (chain.includes(found.path)) {
        const circle = [...chain, found.path].join(" → ");
        return this.#problem(path, proxy.ref, `the references go in a circle: ${circle}`);
      }
      chain.push(found.path);
      ref = found.entry.ref;
    }
  }

  #problem(path: string, ref: string, reason: string): undefined {
    this.#problems.push({ path, ref, reason });
  }
}

/** The root holds children only; it has no methods and cannot fail to open. */
const ROOT_SOURCE: DriverSource = {
  factory: {
    type: "",
    client: COMPOSITE_CLIENT,
    config: undefined as never,
    open: () => ({}),
  },
  config: {},
};

/** The entry at a dotted path, through proxies; `seen` ends paths that lead back to themselves. */
function find(
  entries: readonly Entry[],
  ref: string,
  seen: ReadonlySet<string> = new Set(),
): { entry: Entry; path: string } | undefined {
  const [name, ...rest] = ref.split(".");
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry || rest.length === 0) return entry && { entry, path: entry.name };
  if (entry.kind === "proxy") {
    if (seen.has(entry.ref)) return undefined;
    return find(entries, [entry.ref, ...rest].join("."), new Set([...seen, entry.ref]));
  }
  const inner = find(entry.children, rest.join("."), seen);
  return inner && { entry: inner.entry, path: `${entry.name}.${inner.path}` };
}

function reportLabels(entry: DriverEntry): Record<string, string> {
  const { source } = entry;
  if (!("factory" in source)) {
    return { ...entry.labels, [CLIENT_LABEL]: source.client ?? BASE_CLIENT };
  }
  return {
    ...entry.labels,
    ...source.factory.labels?.(source.config),
    [CLIENT_LABEL]: source.factory.client,
  };
}

/** The rows that Register and GetReport carry: depth first, parents before children. */
export function report(root: DriverNode): DriverInstanceReport[] {
  return [...rows(root, root.name, undefined)];
}

/** A proxy repeats its target's rows with the same uuids, under its own name and parent. */
function* rows(
  node: DriverNode,
  name: string,
  parent: string | undefined,
): Generator<DriverInstanceReport> {
  yield {
    uuid: node.uuid,
    parentUuid: parent,
    labels: { ...node.labels, ...(parent !== undefined && { [NAME_LABEL]: name }) },
    description: node.description,
    methodsDescription: { ...node.methodsDescription },
  };
  for (const child of node.children) {
    const target = child.kind === "proxy" ? child.target : child;
    yield* rows(target, child.name, node.uuid);
  }
}

/** Every driver once, parents before children. */
export function* drivers(node: DriverNode): Generator<DriverNode> {
  yield node;
  for (const child of node.children) {
    if (child.kind === "driver") yield* drivers(child);
  }
}

/** RFC 9562 §5.5, in a namespace of our own. */
const UUID_NAMESPACE = "6f3d7b0a-2a55-5c1e-9a39-5d4e8f0b7c21";

/** The stable uuid of the driver at `path` of the exporter `identity`. */
export function driverUuid(identity: Identity, path: string): string {
  return uuidV5(`${identity.namespace}/${identity.name}/${path}`);
}

function uuidV5(name: string): string {
  const namespace = Uint8Array.from(
    UUID_NAMESPACE.replaceAll("-", "").match(/../g)!,
    (hex) => parseInt(hex, 16),
  );
  const hash = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join("-");
}
