/** Environment variables of clients on this host that use the drivers of a tree. @module */
import { type DriverNode, drivers } from "./node.ts";

/** Collects the variables of all processes that serve drivers; the first value of each wins. */
export function clientVariables(root: DriverNode): Readonly<Record<string, string>> {
  const all = Array.from(drivers(root), ({ source }) => {
    return "process" in source ? source.process.clientVariables ?? {} : {};
  });
  return Object.assign({}, ...all.reverse());
}
