/** Which files clients have open in a storage, and for how long. @module */
import { randomUUID } from "node:crypto";
import { DriverError, type DriverLog, messageOf, ResourceExhausted } from "../../src/driver/mod.ts";
import type { Reader, Writer } from "./storage.ts";

/** How many files may be open at a time: by one connection, and in one storage. */
const MAX_OPEN = { connection: 128, storage: 512 };

/** How many files that were closed stay known, so that clients can ask of them. */
const MAX_CLOSED = 1_000;

/** Either half of it. */
type Opened = Pick<OpenFile, "reader" | "writer">;

/** A file that is open, or was. */
export interface OpenFile {
  readonly path: string;
  readonly reader?: Reader;
  readonly writer?: Writer;
  position: number;
  /** Why it was closed, if it was. */
  closed?: string;
}

interface Entry extends OpenFile {
  readonly client: Client;
}

/** What one connection has open. */
interface Client {
  readonly fds: Set<string>;
  /** Of its files, and of those that are being opened. */
  count: number;
  /** Hears no more of the connection. */
  forget(): void;
}

/**
 * Files by their uuids. Each belongs to the connection that opened it, and is closed with that at
 * the latest; closed ones stay known for a while.
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
   * @throws {ResourceExhausted} where too many are open.
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

  /** @throws {DriverError} where there is no such file, or it was closed too long ago. */
  get(fd: string): OpenFile {
    return this.#get(fd);
  }

  /** Does nothing more when it is repeated. */
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
    if (fds.size > 0) this.#log.debug(`closes ${fds.size} files that a client left open`);
    await Promise.all(Array.from(fds, (fd) => this.#abandon(fd)));
  }

  /** What its client did not close is not complete. Nobody is left to hear of it but the log. */
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
      [client.count, MAX_OPEN.connection, "of one client"],
      [this.#count, MAX_OPEN.storage, "in one storage"],
    ] as const;
    for (const [count, max, where] of limits) {
      if (count < max) continue;
      throw new ResourceExhausted(
        `Cannot open '${path}': expected at most ${max} open files ${where}, found as many open ` +
          "already; close those that are done with",
      );
    }
    client.count++;
    this.#count++;
  }

  #free(client: Client): void {
    client.count--;
    this.#count--;
  }

  /** Marks a file as closed; undefined where it was before. */
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
