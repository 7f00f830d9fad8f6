/** A private Unix socket that leads to a session elsewhere, for programs that only take a socket. @module */
import { listenPrivately } from "../../files/socket.ts";
import { temporaryFolder } from "../../files/temporary_folder.ts";
import { messageOf } from "../../wire/error.ts";
import { acceptAll } from "../../wire/listen/accept.ts";
import { ConnLink, type Link } from "../../wire/net/link.ts";

/** What a relay needs. */
export interface RelayOptions {
  /** Opens a connection to the session. */
  dial(signal: AbortSignal): Promise<Link>;
  /** Tells why connections cannot be relayed. */
  warn(line: string): void;
}

/** A socket that only this user can open. */
export interface Relay extends AsyncDisposable {
  readonly path: string;
}

/**
 * Relays each connection to a connection of its own. Disposing the relay ends all of them.
 *
 * @throws {Error} if there is no place for the socket.
 */
export function openRelay({ dial, warn }: RelayOptions): Relay {
  const folder = temporaryFolder({ holds: "sockets", prefix: "jmp-", warn });
  const path = `${folder.path}/session`;
  const listener = listenPrivately(path);
  const abort = new AbortController();
  const links = new Set<Link>();
  const relay = async (near: Link) => {
    links.add(near);
    try {
      const far = await dial(abort.signal);
      links.add(far);
      join(near, far, () => links.delete(near));
      join(far, near, () => links.delete(far));
      if (abort.signal.aborted) far.close();
    } catch (error) {
      if (!abort.signal.aborted) warn(messageOf(error));
      links.delete(near);
      near.close();
    }
  };
  const over = acceptAll(listener, (conn) => void relay(new ConnLink(conn)), warn);
  return {
    path,
    async [Symbol.asyncDispose]() {
      abort.abort(new DOMException("the relay has ended", "AbortError"));
      listener.close();
      for (const link of links) link.close();
      await over;
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Passes what arrives on one link to the other, at the other's pace, and the end, too. */
function join(from: Link, to: Link, onClosed: () => void): void {
  from.start({
    bytes: (bytes) => to.write(bytes),
    closed() {
      onClosed();
      to.close();
    },
  });
}
