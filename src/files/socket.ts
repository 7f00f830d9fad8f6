/** Sockets of the file system that nobody but their owner can connect to, from the first moment. @module */
import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import { type Descriptor, OPEN, openAt } from "../libc/files.ts";
import { distrust, UnsafePlace } from "./trust.ts";

/** What `sun_path` of `struct sockaddr_un` holds besides the NUL, in bytes. */
const MAX_PATH = 107;

/**
 * Listens on a socket of the file system. It is made in a folder that others cannot enter, and
 * gets its name when its permissions are set: the umask, which the whole process shares, stays.
 *
 * @throws {Error} where it cannot be made, or something is at `path` already.
 */
export function listenPrivately(path: string): Deno.UnixListener {
  if (new TextEncoder().encode(path).length > MAX_PATH) {
    throw new Error(`expected at most ${MAX_PATH} bytes in the path of a socket`);
  }
  using parent = openAt(undefined, dirname(path), OPEN.PATH | OPEN.DIRECTORY);
  const name = `.jmp-${randomBytes(8).toString("hex")}`;
  const place = `${parent.path}/${name}`;
  let listener: Deno.UnixListener | undefined;
  try {
    Deno.mkdirSync(place, { mode: 0o700 });
    try {
      using folder = ours(parent, name);
      listener = Deno.listen({ transport: "unix", path: `${folder.path}/socket` });
      Deno.chmodSync(`${folder.path}/socket`, 0o600);
      // Unlike renaming, this takes nobody's place.
      Deno.linkSync(`${folder.path}/socket`, `${parent.path}/${basename(path)}`);
    } finally {
      Deno.removeSync(place, { recursive: true });
    }
    return listener;
  } catch (error) {
    listener?.close();
    throw withoutDescriptor(error);
  }
}

/** The folder that was made, unless somebody else has put another one in its place. */
function ours(parent: Descriptor, name: string): Descriptor {
  const folder = openAt(parent, name, OPEN.PATH | OPEN.DIRECTORY | OPEN.NOFOLLOW);
  const problem = distrust(name, folder.info());
  if (!problem) return folder;
  folder[Symbol.dispose]();
  throw new UnsafePlace(problem);
}

/** A path of a descriptor says nothing to whoever reads the error. */
function withoutDescriptor(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [reason] = error.message.split(/(?:: \w+)? '\/proc\/self\/fd\//);
  return Object.assign(error, { message: reason });
}
