/** The socket of a running exporter for processes of its host. @module */
import { withDeadline } from "../../base/deadline.ts";
import { AcceptedPeers } from "../../libc/accepted.ts";
import type { SocketOwner } from "../../libc/sockets.ts";
import { codeOf, InvalidArgument, messageOf, ResourceExhausted } from "../../wire/error.ts";
import { acceptAll } from "../../wire/listen/accept.ts";
import {
  formatAnswer,
  type LocalIdentity,
  type LocalRefusal,
  MAX_LINE,
  parseRequest,
} from "../../wire/local.ts";
import { readLine } from "../../wire/net/line.ts";
import { ConnLink } from "../../wire/net/link.ts";
import type { Log } from "../../log/log.ts";
import { type ListeningSocket, listenLocally, type ListenLocallyOptions } from "./listen.ts";
import type { LocalTarget } from "./target.ts";
import { describeUser } from "./user.ts";

/** Options of {@linkcode LocalServer.open}. */
export interface LocalServerOptions extends Pick<ListenLocallyOptions, "env" | "uid"> {
  readonly log: Log;
}

/** Longest wait for the request of a peer, in milliseconds. */
const REQUEST_MS = 5_000;

/** Limit of connections that are not served yet. */
const MAX_PENDING = 64;

/** Accepts local connections until it is disposed; those that are served go on. */
export class LocalServer implements AsyncDisposable {
  readonly #target: LocalTarget;
  readonly #socket: ListeningSocket;
  readonly #peers: AcceptedPeers;
  readonly #accepting: Promise<void>;
  readonly #pending = new Set<Deno.Conn>();
  #closed = false;

  private constructor(target: LocalTarget, socket: ListeningSocket, log: Log) {
    this.#target = target;
    this.#socket = socket;
    this.#peers = new AcceptedPeers((socket.listener.addr as Deno.UnixAddr).path);
    const accept = (conn: Deno.Conn) => void this.#serve(conn, this.#peers.newest());
    this.#accepting = acceptAll(socket.listener, accept, (line) => log.warning(line));
  }

  /** Listens; only warns if that fails, because the exporter serves its clients without it. */
  static async open(
    target: LocalTarget,
    { log, ...where }: LocalServerOptions,
  ): Promise<LocalServer | undefined> {
    const warn = (line: string) => log.warning(line);
    try {
      return new LocalServer(target, await listenLocally(target.local, { ...where, warn }), log);
    } catch (error) {
      warn(`Commands of this host (j --exporter) cannot reach the exporter: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** The path of the socket. */
  get path(): string {
    return this.#socket.path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.listener.close();
    for (const conn of this.#pending) close(conn);
    await this.#accepting;
    await Deno.remove(this.path).catch(() => {});
  }

  async #serve(conn: Deno.Conn, owner: SocketOwner | undefined): Promise<void> {
    this.#pending.add(conn);
    try {
      await this.#answer(conn, owner);
    } catch (error) {
      await send(conn, { error: messageOf(error), code: codeOf(error) });
      close(conn);
    } finally {
      this.#pending.delete(conn);
    }
  }

  async #answer(conn: Deno.Conn, owner: SocketOwner | undefined): Promise<void> {
    if (this.#pending.size > MAX_PENDING) throw new ResourceExhausted("too many local connections");
    const { local } = this.#target;
    const { line, rest } = await withDeadline(readLine(conn, MAX_LINE), { ms: REQUEST_MS });
    if (line === "") return close(conn);
    const request = parseRequest(line);
    if (!request) {
      throw new InvalidArgument(
        `${local.name} does not understand this request; its version of jmp may be another one`,
      );
    }
    if (request.do === "identify") {
      await send(conn, local);
      return close(conn);
    }
    const user = await describeUser(owner);
    using visit = await this.#target.admit({ user, force: request.force });
    if (await send(conn, local)) visit.serve(new ConnLink(conn, { peer: user, heard: rest }));
    else close(conn);
  }
}

/** Sends an answer. @returns whether the peer may have received it */
async function send(conn: Deno.Conn, answer: LocalIdentity | LocalRefusal): Promise<boolean> {
  try {
    await conn.write(new TextEncoder().encode(formatAnswer(answer)));
    return true;
  } catch {
    return false;
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
