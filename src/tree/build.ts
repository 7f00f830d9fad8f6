/**
 * Builds the driver tree of one exporter from its entries. Reports come from the tree, so they
 * are the same in Register and in every lease.
 *
 * @module
 */
import type { Part } from "../driver/manifest.ts";
import type { DriverEntry, DriverSource, Entry, HostedDriver, ProxyEntry } from "./entry.ts";
import type { HostedRow } from "./hosted.ts";
import type { DriverNode, PartSource, TreeNode } from "./node.ts";
import { refer } from "./reference.ts";
import { CLIENT_LABEL } from "./report.ts";
import { pathBelow } from "./path.ts";
import { driverUuid, type Identity } from "./uuid.ts";

const COMPOSITE_CLIENT = "jumpstarter_driver_composite.client.CompositeClient";
/** The client class for a driver of unknown type: its calls work, but it has no commands. */
const BASE_CLIENT = "jumpstarter.client.DriverClient";

/** A reference that has no target or is part of a circle; `path` is the proxy's. */
export interface RefProblem {
  readonly path: string;
  readonly ref: string;
  readonly reason: string;
}

/** A tree and the references that could not be resolved (their entries are left out). */
export interface BuiltTree {
  readonly root: DriverNode;
  readonly problems: readonly RefProblem[];
}

/** What processes have reported of the drivers that they serve, by path. */
export type ReportedRows = ReadonlyMap<string, HostedRow>;

/**
 * Builds the tree under a synthetic root composite with the exporter's `description`. Drivers of
 * other processes have the children that are `reported`, or those of the config before.
 */
export function buildTree(
  entries: readonly Entry[],
  identity: Identity,
  description?: string,
  reported: ReportedRows = new Map(),
): BuiltTree {
  return new TreeBuilder(entries, identity, reported).build(description);
}

class TreeBuilder {
  readonly #entries: readonly Entry[];
  readonly #identity: Identity;
  readonly #reported: ReportedRows;
  readonly #nodes = new Map<string, DriverNode>();
  /** Drivers whose children are being built; a reference to one of them would be a circle. */
  readonly #unfinished = new Set<string>();
  readonly #problems: RefProblem[] = [];

  constructor(entries: readonly Entry[], identity: Identity, reported: ReportedRows) {
    this.#entries = entries;
    this.#identity = identity;
    this.#reported = reported;
  }

  build(description?: string): BuiltTree {
    const children = this.#buildAll(this.#entries, "");
    const root: DriverNode = {
      kind: "driver",
      name: "",
      path: "",
      uuid: driverUuid(this.#identity, ""),
      type: "",
      source: { kind: "root" },
      ...(description && { description }),
      methodsDescription: {},
      labels: { [CLIENT_LABEL]: COMPOSITE_CLIENT },
      children,
    };
    return { root, problems: this.#problems };
  }

  #buildAll(entries: readonly Entry[], parent: string): TreeNode[] {
    return entries.flatMap((entry): TreeNode[] => {
      const path = pathBelow(parent, entry.name);
      return entry.kind === "driver" ? [this.#driver(entry, path)] : this.#proxy(entry, path);
    });
  }

  #proxy(entry: ProxyEntry, path: string): TreeNode[] {
    const target = this.#follow(entry, path);
    if (!target) return [];
    return "pending" in target
      ? [this.#placeholder(entry, path, target.pending)]
      : [{ kind: "proxy", name: entry.name, path, target }];
  }

  /** Stands for a driver that a process may report later. */
  #placeholder({ name, ref }: ProxyEntry, path: string, owner: string): DriverNode {
    return {
      kind: "driver",
      name,
      path,
      uuid: driverUuid(this.#identity, path),
      type: "",
      source: { kind: "pending", ref, owner },
      methodsDescription: {},
      labels: { [CLIENT_LABEL]: BASE_CLIENT },
      children: [],
    };
  }

  #driver(entry: DriverEntry, path: string): DriverNode {
    const known = this.#nodes.get(path);
    if (known) return known;
    this.#unfinished.add(path);
    const hosted = "process" in entry.source ? entry.source : undefined;
    const row = hosted && this.#reported.get(path);
    const uuid = row?.uuid ?? entry.uuid ?? driverUuid(this.#identity, path);
    const { description, methodsDescription } = row ?? entry;
    const node: DriverNode = {
      kind: "driver",
      name: entry.name,
      path,
      uuid,
      type: entry.type,
      source: entry.source,
      ...(description && { description }),
      methodsDescription,
      labels: row?.labels ?? labelsOf(entry),
      children: row && hosted
        ? this.#reportedChildren(hosted, path, entry.children)
        : this.#childrenOf(entry, path, uuid),
    };
    this.#unfinished.delete(path);
    this.#nodes.set(path, node);
    return node;
  }

  /**
   * The children that the config lists, and the driver's parts, which replace those of the same
   * name.
   */
  #childrenOf(entry: DriverEntry, path: string, owner: string): TreeNode[] {
    const parts = this.#parts(partsOf(entry.source), path, { kind: "part", owner, names: [] });
    const made = new Set(parts.map(({ name }) => name));
    const listed = entry.children.filter(({ name }) => !made.has(name));
    return [...this.#buildAll(listed, path), ...parts];
  }

  /**
   * The children of a driver in another process; it may have made some that the config lacks. Those
   * that it could not make come last.
   */
  #reportedChildren(
    { process }: HostedDriver,
    parent: string,
    listed: readonly Entry[],
  ): TreeNode[] {
    const reported = this.#namesBelow(parent);
    const others = listed.map(({ name }) => name).filter((name) => !reported.includes(name));
    return [...reported, ...others].flatMap((name): TreeNode[] => {
      const path = `${parent}.${name}`;
      const entry = listed.find((candidate) => candidate.name === name);
      if (entry?.kind === "proxy") return this.#proxy(entry, path);
      return [entry ? this.#driver(entry, path) : this.#made(process, name, path)];
    });
  }

  #made(process: HostedDriver["process"], name: string, path: string): DriverNode {
    const { uuid, labels, description, methodsDescription } = this.#reported.get(path)!;
    const node: DriverNode = {
      kind: "driver",
      name,
      path,
      uuid,
      type: "",
      source: { process },
      ...(description && { description }),
      methodsDescription,
      labels,
      children: this.#reportedChildren({ process }, path, []),
    };
    this.#nodes.set(path, node);
    return node;
  }

  #namesBelow(parent: string): string[] {
    const above = `${parent}.`;
    const paths = [...this.#reported.keys()].filter((path) => path.startsWith(above));
    return paths.map((path) => path.slice(above.length)).filter((name) => !name.includes("."));
  }

  #parts(parts: readonly Part[], parent: string, above: PartSource): DriverNode[] {
    return parts.map(({ name, client, labels, description, methodsDescription, parts = [] }) => {
      const path = `${parent}.${name}`;
      const source: PartSource = { ...above, names: [...above.names, name] };
      const node: DriverNode = {
        kind: "driver",
        name,
        path,
        uuid: driverUuid(this.#identity, path),
        type: "",
        source,
        ...(description && { description }),
        methodsDescription: methodsDescription ?? {},
        labels: { ...labels, [CLIENT_LABEL]: client },
        children: this.#parts(parts, path, source),
      };
      this.#nodes.set(path, node);
      return node;
    });
  }

  /** Follows a chain of references to its driver, or to one that is not reported yet. */
  #follow(proxy: ProxyEntry, path: string): DriverNode | { readonly pending: string } | undefined {
    const chain = [path];
    let ref = proxy.ref;
    for (;;) {
      const found = refer(this.#entries, ref);
      if (!found) return this.#nothing(proxy, path, ref);
      const { entry, rest } = found;
      if (entry.kind === "driver") {
        if (rest.length === 0 && this.#unfinished.has(found.path)) {
          return this.#contains(proxy, path, found.path);
        }
        const node = this.#target(entry, found.path, rest);
        if (!node && "process" in entry.source) return { pending: found.path };
        if (!node) return this.#nothing(proxy, path, ref);
        const owner = ownerOf(node);
        const isOwn = owner !== undefined && this.#unfinished.has(owner);
        return isOwn ? this.#contains(proxy, path, owner) : node;
      }
      if (rest.length > 0) return this.#nothing(proxy, path, ref);
      if (chain.includes(found.path)) {
        const circle = [...chain, found.path].join(" → ");
        return this.#problem(path, proxy.ref, `the references go in a circle: ${circle}`);
      }
      chain.push(found.path);
      ref = entry.ref;
    }
  }

  /** Returns the driver, or its part with the path `names`. */
  #target(entry: DriverEntry, path: string, names: readonly string[]): DriverNode | undefined {
    if (names.length === 0) return this.#driver(entry, path);
    if (!this.#unfinished.has(path)) this.#driver(entry, path);
    return this.#nodes.get([path, ...names].join("."));
  }

  #contains({ ref }: ProxyEntry, path: string, container: string): undefined {
    return this.#problem(path, ref, `'${container}' would contain itself`);
  }

  #nothing({ ref }: ProxyEntry, path: string, missing: string): undefined {
    return this.#problem(path, ref, `nothing is exported as '${missing}'`);
  }

  #problem(path: string, ref: string, reason: string): undefined {
    this.#problems.push({ path, ref, reason });
  }
}

/** The path of the driver that creates `node`, if it is a part. */
function ownerOf({ path, source }: DriverNode): string | undefined {
  if (!("kind" in source) || source.kind !== "part") return undefined;
  return path.split(".").slice(0, -source.names.length).join(".");
}

function partsOf(source: DriverSource): readonly Part[] {
  return "manifest" in source ? source.manifest.parts?.(source.config) ?? [] : [];
}

function labelsOf({ source, labels, children }: DriverEntry): Record<string, string> {
  if (!("manifest" in source)) {
    // With the client of a group, the commands of the children can be used.
    const unknown = children.length > 0 ? COMPOSITE_CLIENT : BASE_CLIENT;
    return { ...labels, [CLIENT_LABEL]: source.client ?? unknown };
  }
  const { manifest, config } = source;
  return { ...labels, ...manifest.labels?.(config), [CLIENT_LABEL]: manifest.client };
}
