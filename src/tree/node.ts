/**
 * The nodes of a driver tree, with resolved names, uuids and references; nothing is open.
 *
 * @module
 */
import type { DriverSource } from "./entry.ts";

/** A driver in the tree. */
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

/** The source of a node's driver. */
export type NodeSource = DriverSource | PartSource | PendingSource | RootSource;

/** A reference to a driver that a process may still report. */
export interface PendingSource {
  readonly kind: "pending";
  readonly ref: string;
  /** The path of the entry that the process serves. */
  readonly owner: string;
}

/** The source of a part: another driver creates it. */
export interface PartSource {
  readonly kind: "part";
  /** The uuid of the driver that creates it. */
  readonly owner: string;
  /** Its path below the owner. */
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
