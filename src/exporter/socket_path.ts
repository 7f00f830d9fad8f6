/** Checks the path of a Unix socket before the exporter listens on it. @module */
import { dirname, resolve } from "node:path";
import { UnsafePlace } from "../files/trust.ts";
import { openFolder } from "../files/walk.ts";
import type { Log } from "../log/log.ts";

/** Warns if other users could replace the socket by one of their own. */
export function warnOfNeighbours(path: string, log: Log): void {
  try {
    openFolder(resolve(dirname(path)), { sticky: true })[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof UnsafePlace)) return;
    log.warning(`Other users can replace the socket ${path}: ${error.message}`);
  }
}
