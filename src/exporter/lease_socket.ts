/** The socket of a lease for processes on this host: its hooks, and those that serve drivers. @module */
import { temporaryFolder } from "../files/temporary_folder.ts";
import type { Session } from "../session/session.ts";

/** Dependencies of {@linkcode LeaseSocket}. */
export interface LeaseSocketOptions {
  readonly session: Session;
  /** Called for each folder that cannot be used, with the reason. */
  warn(message: string): void;
  /** Owns the folder of the socket. */
  readonly scope: AsyncDisposableStack;
}

/** A private folder, and the path of the socket in it. */
export interface LeaseSocketPlace {
  readonly dir: string;
  readonly path: string;
}

/** A socket that is created on first use, and again if something has removed it since. */
export class LeaseSocket {
  readonly #options: LeaseSocketOptions;
  #place: Promise<LeaseSocketPlace> | undefined;

  constructor(options: LeaseSocketOptions) {
    this.#options = options;
  }

  /** Opens the socket, unless it is open. @throws {Error} if there is no place for it */
  async open(): Promise<LeaseSocketPlace> {
    const known = this.#place;
    if (known && await this.#isThere(known)) return await known;
    // Another call may have opened it in the meantime.
    if (this.#place === known) this.#place = this.#open();
    return await this.#place!;
  }

  /** Whether it still is where it was opened: a log-out removes `$XDG_RUNTIME_DIR`, for example. */
  async #isThere(place: Promise<LeaseSocketPlace>): Promise<boolean> {
    try {
      return (await Deno.lstat((await place).path)).isSocket === true;
    } catch {
      return false;
    }
  }

  async #open(): Promise<LeaseSocketPlace> {
    const { warn, scope, session } = this.#options;
    const folder = temporaryFolder({ holds: "sockets", prefix: "jmp-", warn });
    const dir = scope.use(folder).path;
    const path = `${dir}/hook`;
    await session.listenForHooks(path);
    return { dir, path };
  }
}
