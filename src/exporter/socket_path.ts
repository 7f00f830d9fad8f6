/** The path of a Unix socket to serve on. @module */
import { dirname, resolve } from "node:path";
import { UnsafePlace } from "../files/trust.ts";
import { openFolder } from "../files/walk.ts";
import type { Log } from "../log/log.ts";

/** Warns where other users can replace the socket: clients would connect to theirs. */
export function warnOfNeighbours(path: string, log: Log): void {
  try {
    openFolder(resolve(dirname(path)), { sticky: true })[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof UnsafePlace)) return;
    log.warning(`Somebody else can put a socket in the place of ${path}: ${error.message}`);
  }
}

/**
 * Removes a socket that no process serves any more.
 *
 * @throws {Error} where a process serves it, or the file is no socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket) throw new Error(`Cannot listen on ${path}: a file is in the way`);
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new Error(`Cannot listen on ${path}: another process serves it`);
}
