/** Credentials of the peers of accepted Unix socket connections. @module */
import { isListening, ownerOfPeer, pathOfSocket, type SocketOwner } from "./sockets.ts";

/**
 * Identifies the peers of a listener. Deno does not reveal the descriptor of a connection, so the
 * newest one is found among the descriptors of this process: by the path that its socket is bound
 * to, and by its inode, which was not there before.
 */
export class AcceptedPeers {
  readonly #path: string;
  #known: ReadonlySet<string> = new Set();

  /** @param path the address of the listener; no other socket of this process may be bound to it */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The peer of the connection that was accepted last. To be called once for each, before the
   * next one is accepted.
   *
   * @returns undefined if /proc does not show the descriptors of this process.
   */
  newest(): SocketOwner | undefined {
    const present = new Map<string, number>();
    for (const [fd, inode] of sockets()) {
      if (pathOfSocket(fd) === this.#path && !isListening(fd)) present.set(inode, fd);
    }
    const fresh = [...present].filter(([inode]) => !this.#known.has(inode));
    this.#known = new Set(present.keys());
    return fresh.length === 1 ? ownerOfPeer(fresh[0]![1]) : undefined;
  }
}

/** The sockets of this process: their descriptors and inodes. */
function* sockets(): Generator<[fd: number, inode: string]> {
  const folder = "/proc/self/fd";
  for (const name of entries(folder)) {
    const target = linkOf(`${folder}/${name}`);
    if (target.startsWith("socket:")) yield [Number(name), target];
  }
}

function entries(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    // It was closed meanwhile: the folder lists its own descriptor, too.
    return "";
  }
}
