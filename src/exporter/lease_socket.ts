/** The socket of a lease for processes on this host: its hooks, and those that serve drivers. @module */
import { temporaryFolder } from "../files/temporary_folder.ts";
import type { Log } from "../log/log.ts";
import type { Session } from "../session/session.ts";

/** Dependencies of {@linkcode LeaseSocket}. */
export interface LeaseSocketOptions {
  readonly session: Session;
  readonly log: Log;
  /** Owns the folder of the socket. */
  readonly scope: AsyncDisposableStack;
}

/** A private folder, and the path of the socket in it. */
export interface LeaseSocketPlace {
  readonly dir: string;
  readonly path: string;
}

/** A socket that is created on first use. */
export class LeaseSocket {
  readonly #options: LeaseSocketOptions;
  #place: Promise<LeaseSocketPlace> | undefined;

  constructor(options: LeaseSocketOptions) {
    this.#options = options;
  }

  /** Opens the socket once. @throws {Error} if there is no place for it */
  open(): Promise<LeaseSocketPlace> {
    return this.#place ??= this.#open();
  }

  async #open(): Promise<LeaseSocketPlace> {
    const { log, scope, session } = this.#options;
    const warn = (message: string) => log.warning(message);
    const folder = temporaryFolder({ holds: "sockets", prefix: "jmp-", warn });
    const dir = scope.use(folder).path;
    const path = `${dir}/hook`;
    await session.listenForHooks(path);
    return { dir, path };
  }
}
