/** Derives the logs of drivers. @module */
import type { Log } from "../log/log.ts";
import type { DriverNode } from "../tree/node.ts";

/** Returns the log of one driver, with the origin and name that clients and the journal show. */
export function driverLog(log: Log, node: DriverNode): Log {
  return log.child({
    origin: "driver",
    logger: node.path || "root",
    ...(node.type && { driverType: node.type }),
  });
}
