/** The nodes of a driver tree: names, uuids and references settled, nothing opened. @module */
import type { DriverSource } from "./entry.ts";

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
  readonly source: NodeSource;
  readonly description?: string;
  readonly methodsDescription: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly children: readonly TreeNode[];
}

/** Where the driver of a node comes from. */
export type NodeSource = DriverSource | PartSource | RootSource;

/** Another driver, which makes this one itself. */
export interface PartSource {
  readonly kind: "part";
  /** The uuid of the driver that makes it. */
  readonly owner: string;
  /** Its names below the owner. */
  readonly names: readonly string[];
}

/** The root, which has children only. */
export interface RootSource {
  readonly kind: "root";
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

/** Every driver once, parents before children. */
export function* drivers(node: DriverNode): Generator<DriverNode> {
  yield node;
  for (const child of node.children) {
    if (child.kind === "driver") yield* drivers(child);
  }
}
