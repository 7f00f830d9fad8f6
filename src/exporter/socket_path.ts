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

/**
 * Removes a socket on which no process listens any more.
 *
 * @throws {Error} if a process listens on it, or the file is not a socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket) {
    throw new Error(`Cannot listen on ${path}: a file that is not a socket exists there`);
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new Error(`Cannot listen on ${path}: another process serves it`);
}
