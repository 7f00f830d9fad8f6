/** The report of a tree for Register and GetReport. @module */
import type { DriverInstanceReport } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { DriverNode } from "./node.ts";

/** The class that official clients import for a driver. */
export const CLIENT_LABEL = "jumpstarter.dev/client";
/** The name of a driver among its siblings; the root has none. */
export const NAME_LABEL = "jumpstarter.dev/name";

/** The rows of the report: depth first, parents before children. */
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
