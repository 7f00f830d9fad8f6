/** The files that clients have open in a storage, and their owners. @module */
import { randomUUID } from "node:crypto";
import { DriverError, type DriverLog, messageOf, ResourceExhausted } from "../../src/driver/mod.ts";
import type { Reader, Writer } from "./storage.ts";

/** How many files may be open at a time: by one connection, and in one storage. */
const MAX_OPEN = { connection: 128, storage: 512 };

/** How many closed files are remembered, so that clients can query them. */
const MAX_CLOSED = 1_000;

/** The reader or writer of a file. */
type Opened = Pick<OpenFile, "reader" | "writer">;

/** A file that is open or was closed. */
export interface OpenFile {
  readonly path: string;
  readonly reader?: Reader;
  readonly writer?: Writer;
  position: number;
  /** The reason, if the file was closed. */
  closed?: string;
}

interface Entry extends OpenFile {
  readonly client: Client;
}

/** The open files of one connection. */
interface Client {
  readonly fds: Set<string>;
  /** The number of its files, including those that are being opened. */
  count: number;
  /** Stops listening to the end of the connection. */
  forget(): void;
}

/**
 * Files by uuid. Each one is owned by the connection that opened it, and closed with that at the
 * latest; closed files are remembered for a while.
 */
export class FileTable implements AsyncDisposable {
  readonly #log: DriverLog;
  readonly #files = new Map<string, Entry>();
  /** The uuids of closed files, oldest first. */
  readonly #closed = new Set<string>();
  readonly #clients = new Map<AbortSignal | undefined, Client>();
  #count = 0;
  #over = false;

  constructor(log: DriverLog) {
    this.#log = log;
  }

  /**
   * Opens a file for a connection; without one it stays open until the lease ends.
   *
   * @returns its uuid.
   * @throws {ResourceExhausted} if too many are open.
   */
  async open(
    path: string,
    connection: AbortSignal | undefined,
    opening: () => Promise<Opened>,
  ): Promise<string> {
    connection?.throwIfAborted();
    const client = this.#clients.get(connection) ?? this.#welcome(connection);
    this.#reserve(path, client);
    let opened: Opened;
    try {
      opened = await opening();
    } catch (error) {
      this.#free(client);
      throw error;
    }
    const fd = randomUUID();
    this.#files.set(fd, { path, ...opened, client, position: 0 });
    client.fds.add(fd);
    if (connection?.aborted || this.#over) await this.#abandon(fd);
    return fd;
  }

  /** @throws {DriverError} if there is no such file, or it was closed too long ago. */
  get(fd: string): OpenFile {
    return this.#get(fd);
  }

  /** Closes a file; does nothing if it is closed. */
  async close(fd: string): Promise<void> {
    const file = this.#end(fd, "it was closed");
    await (file?.reader ?? file?.writer)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    for (const { forget, fds } of this.#clients.values()) {
      forget();
      for (const fd of [...fds]) await this.#abandon(fd);
    }
  }

  #welcome(connection: AbortSignal | undefined): Client {
    const depart = () => void this.#depart(connection, client);
    const forget = () => connection?.removeEventListener("abort", depart);
    const client: Client = { fds: new Set(), count: 0, forget };
    connection?.addEventListener("abort", depart, { once: true });
    this.#clients.set(connection, client);
    return client;
  }

  async #depart(connection: AbortSignal | undefined, { fds }: Client): Promise<void> {
    this.#clients.delete(connection);
    if (fds.size > 0) this.#log.debug(`closing ${fds.size} files that a client left open`);
    await Promise.all(Array.from(fds, (fd) => this.#abandon(fd)));
  }

  /**
   * Abandons a file that its client did not close, because it is incomplete. Only logs errors,
   * because the client is gone.
   */
  async #abandon(fd: string): Promise<void> {
    const file = this.#end(fd, "the connection of the client that opened it has ended");
    try {
      if (file?.writer?.abandon) await file.writer.abandon();
      else await (file?.reader ?? file?.writer)?.close();
    } catch (error) {
      this.#log.warning(`Cannot close '${file?.path}': ${messageOf(error)}`);
    }
  }

  #reserve(path: string, client: Client): void {
    const limits = [
      [client.count, MAX_OPEN.connection, "a client"],
      [this.#count, MAX_OPEN.storage, "a storage"],
    ] as const;
    for (const [count, max, owner] of limits) {
      if (count < max) continue;
      throw new ResourceExhausted(
        `Cannot open '${path}': ${owner} may have at most ${max} open files; close some of them first`,
      );
    }
    client.count++;
    this.#count++;
  }

  #free(client: Client): void {
    client.count--;
    this.#count--;
  }

  /** Marks a file as closed; returns undefined if it was closed before. */
  #end(fd: string, why: string): OpenFile | undefined {
    const file = this.#get(fd);
    if (file.closed !== undefined) return undefined;
    const key = fd.toLowerCase();
    file.closed = why;
    file.client.fds.delete(key);
    this.#free(file.client);
    this.#closed.add(key);
    if (this.#closed.size > MAX_CLOSED) this.#forgetOldest();
    return file;
  }

  #forgetOldest(): void {
    const [oldest] = this.#closed;
    this.#closed.delete(oldest!);
    this.#files.delete(oldest!);
  }

  #get(fd: string): Entry {
    const file = this.#files.get(fd.toLowerCase());
    if (!file) throw new DriverError(`UUID('${fd}') names no file that was opened in this lease`);
    return file;
  }
}
