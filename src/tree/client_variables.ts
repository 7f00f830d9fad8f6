/** What clients on this host must know of the drivers of a tree. @module */
import { type DriverNode, drivers } from "./node.ts";

/** The variables of all processes that serve drivers; of one variable, the first value. */
export function clientVariables(root: DriverNode): Readonly<Record<string, string>> {
  const all = Array.from(drivers(root), ({ source }) => {
    return "process" in source ? source.process.clientVariables ?? {} : {};
  });
  return Object.assign({}, ...all.reverse());
}
