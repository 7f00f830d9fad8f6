/** The socket of a lease for processes on this host: its hooks, and those that serve drivers. @module */
import { temporaryFolder } from "../files/temporary_folder.ts";
import type { Log } from "../log/log.ts";
import type { Session } from "../session/session.ts";

/** What the socket needs. */
export interface LocalSocketOptions {
  readonly session: Session;
  readonly log: Log;
  /** Owns the folder of the socket. */
  readonly scope: AsyncDisposableStack;
}

/** A private folder, and the path of the socket in it. */
export interface LocalPlace {
  readonly dir: string;
  readonly path: string;
}

/** Opened when it is first asked for. */
export class LocalSocket {
  readonly #options: LocalSocketOptions;
  #place: Promise<LocalPlace> | undefined;

  constructor(options: LocalSocketOptions) {
    this.#options = options;
  }

  /** Opens the socket once. @throws {Error} if there is no place for it */
  open(): Promise<LocalPlace> {
    return this.#place ??= this.#open();
  }

  async #open(): Promise<LocalPlace> {
    const { log, scope, session } = this.#options;
    const warn = (message: string) => log.warning(message);
    const folder = temporaryFolder({ holds: "sockets", prefix: "jmp-", warn });
    const dir = scope.use(folder).path;
    const path = `${dir}/hook`;
    await session.listenForHooks(path);
    return { dir, path };
  }
}
