/** Circles of imports: between files, and between the rooms of `arrows.ts`. @module */
import { roomOf } from "./arrows.ts";
import { shippedSources, type Source } from "./imports.ts";

/** What each file or room imports. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Groups of files, and of rooms, that import each other, types and lazily loaded code included. */
export async function circles(): Promise<string[][]> {
  const sources = await shippedSources();
  return [...findCircles(fileGraph(sources)), ...findCircles(roomGraph(sources))];
}

function fileGraph(sources: readonly Source[]): Graph {
  return new Map(sources.map(({ path, imports }) => [path, new Set(imports)]));
}

function roomGraph(sources: readonly Source[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const room = roomOf(path);
    const others = imports.map(roomOf).filter((other) => other !== room);
    graph.set(room, new Set([...graph.get(room) ?? [], ...others]));
  }
  return graph;
}

/** The strongly connected components of more than one node, by Tarjan's algorithm. */
export function findCircles(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const stack: string[] = [];
  /** @returns the lowest order on the stack that `node` leads to. */
  const visit = (node: string): number => {
    const own = order.size;
    order.set(node, own);
    stack.push(node);
    let lowest = own;
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next)!);
    }
    if (lowest < own) return lowest;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component.sort());
    return lowest;
  };
  for (const node of graph.keys()) {
    if (!order.has(node)) visit(node);
  }
  return found;
}
