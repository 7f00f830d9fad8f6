/** How many connections a process keeps, and which one it closes when there are too many. @module */
import { fileLimit } from "../../libc/file_limit.ts";

/** A connection that counts towards the limit. */
export interface CountedConnection {
  /** The peer's host, which it cannot change by connecting again. */
  readonly host: string;
  /** Whether closing it would interrupt nothing. */
  readonly idle: boolean;
  /** Closes it, soon. */
  dismiss(): void;
}

/** The largest numbers of connections. */
export interface ConnectionCounts {
  /** Connections that have had no accepted call so far. */
  readonly unproven: number;
  /** All connections. */
  readonly all: number;
}

/** More unproven connections than this serve nobody. */
const MAX_UNPROVEN = 256;

/** Counts that fit the limit of open files, most of which are for the hardware. */
function countsOfProcess(): ConnectionCounts {
  const files = fileLimit().soft;
  const unproven = Math.min(MAX_UNPROVEN, Math.max(16, Math.floor(files / 8)));
  return { unproven, all: Math.max(32, Math.floor(files / 2)) };
}

/**
 * Limits the connections of a process. A connection is unproven until a call on it was accepted.
 * When there are too many unproven ones, the limit closes the oldest of the host that has most
 * of them; when there are too many in all, the oldest idle one of the host that has most.
 */
export class ConnectionLimit {
  readonly #most: () => ConnectionCounts;
  /** By host; of each the oldest first. */
  readonly #unproven = new ByHost();
  readonly #proven = new ByHost();

  /** @param most called for each new connection @default what the limit of open files allows */
  constructor(most: () => ConnectionCounts = countsOfProcess) {
    this.#most = most;
  }

  /** The number of connections. */
  get size(): number {
    return this.#unproven.size + this.#proven.size;
  }

  /** Counts a new connection, and dismisses one where there are too many. */
  add(connection: CountedConnection): void {
    const { unproven, all } = this.#most();
    this.#unproven.add(connection);
    if (this.#unproven.size > unproven) this.#dismiss(this.#unproven.oldest());
    if (this.size > all) {
      this.#dismiss(this.#proven.oldest(({ idle }) => idle) ?? this.#unproven.oldest());
    }
  }

  /** Counts `connection` as proven: a call on it was accepted. */
  prove(connection: CountedConnection): void {
    if (this.#unproven.delete(connection)) this.#proven.add(connection);
  }

  /** Counts `connection` no more: it is closed. */
  delete(connection: CountedConnection): void {
    if (!this.#unproven.delete(connection)) this.#proven.delete(connection);
  }

  #dismiss(connection: CountedConnection | undefined): void {
    if (!connection) return;
    this.delete(connection);
    connection.dismiss();
  }
}

/** Connections by the host of their peer. */
class ByHost {
  readonly #hosts = new Map<string, Set<CountedConnection>>();
  size = 0;

  add(connection: CountedConnection): void {
    const connections = this.#hosts.get(connection.host) ?? new Set();
    this.#hosts.set(connection.host, connections.add(connection));
    this.size += 1;
  }

  delete(connection: CountedConnection): boolean {
    const connections = this.#hosts.get(connection.host);
    if (!connections?.delete(connection)) return false;
    if (connections.size === 0) this.#hosts.delete(connection.host);
    this.size -= 1;
    return true;
  }

  /** The oldest that fits, of the host with the most. */
  oldest(fits: (connection: CountedConnection) => boolean = () => true) {
    const hosts = [...this.#hosts.values()].sort((a, b) => b.size - a.size);
    for (const connections of hosts) {
      for (const connection of connections) if (fits(connection)) return connection;
    }
    return undefined;
  }
}

// Loads the C library now: that would fail once descriptors are missing.
fileLimit();

/** The limit that all servers of this process share. */
export const PROCESS_LIMIT: ConnectionLimit = new ConnectionLimit();
