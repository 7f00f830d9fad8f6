/** Unix sockets that only their owner, or a group, can connect to, from the first moment on. @module */
import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import { type Descriptor, OPEN, openAt } from "../libc/files.ts";
import { MAX_ADDRESS } from "../libc/sockets.ts";
import { distrust, UnsafePlace } from "./trust.ts";

/** Who else may connect. */
export interface SocketOptions {
  /** The number of a group that this process may give files to. @default no group */
  readonly group?: number | undefined;
}

/**
 * Listens on a socket of the file system. The socket is created in a folder that other users
 * cannot enter, and linked to `path` once its permissions are set, so that the umask, which the
 * whole process shares, need not change.
 *
 * @returns a listener whose own address is unlike that of any other socket.
 * @throws {Error} if it cannot be created, or if `path` exists.
 */
export function listenPrivately(path: string, { group }: SocketOptions = {}): Deno.UnixListener {
  if (new TextEncoder().encode(path).length > MAX_ADDRESS) {
    throw new Error(`expected at most ${MAX_ADDRESS} bytes in the path of a socket`);
  }
  using parent = openAt(undefined, dirname(path), OPEN.PATH | OPEN.DIRECTORY);
  const name = `.jmp-${randomBytes(8).toString("hex")}`;
  const place = `${parent.path}/${name}`;
  let listener: Deno.UnixListener | undefined;
  try {
    Deno.mkdirSync(place, { mode: 0o700 });
    try {
      using folder = openOwn(parent, name);
      const socket = `${folder.path}/${name}`;
      listener = Deno.listen({ transport: "unix", path: socket });
      if (group !== undefined) Deno.chownSync(socket, null, group);
      Deno.chmodSync(socket, group === undefined ? 0o600 : 0o660);
      // Unlike a rename, this replaces nothing.
      Deno.linkSync(socket, `${parent.path}/${basename(path)}`);
    } finally {
      Deno.removeSync(place, { recursive: true });
    }
    return listener;
  } catch (error) {
    listener?.close();
    throw withoutDescriptor(error);
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

/** Opens the folder that was created. @throws {UnsafePlace} if another user has replaced it. */
function openOwn(parent: Descriptor, name: string): Descriptor {
  const folder = openAt(parent, name, OPEN.PATH | OPEN.DIRECTORY | OPEN.NOFOLLOW);
  const problem = distrust(name, folder.info());
  if (!problem) return folder;
  folder[Symbol.dispose]();
  throw new UnsafePlace(problem);
}

/** Cuts paths of descriptors, which mean nothing to a reader, from a message. */
function withoutDescriptor(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [reason] = error.message.split(/(?:: \w+)? '\/proc\/self\/fd\//);
  return Object.assign(error, { message: reason });
}
