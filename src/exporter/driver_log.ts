/** The logs of drivers. @module */
import type { Log } from "../log/log.ts";
import type { DriverNode } from "../tree/node.ts";

/** The log of one driver, as clients and the journal tell them apart. */
export function driverLog(log: Log, node: DriverNode): Log {
  return log.child({
    origin: "driver",
    logger: node.path || "root",
    ...(node.type && { driverType: node.type }),
  });
}
