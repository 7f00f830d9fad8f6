/** The connections of one client that has a lease, for as long as it has it. @module */
import { Code, DriverError } from "../wire/error.ts";
import type { Peer } from "../wire/grpc/peer.ts";

/** How the calls of a former client end; official clients look for the first two words. */
class LeaseTransferred extends DriverError {
  override name = "LeaseTransferred";
  override readonly code = Code.PERMISSION_DENIED;
  constructor() {
    super("permission denied: the lease has been transferred to another client");
  }
}

/** @see module */
export class ClientConnections {
  readonly #connections = new Set<Peer>();
  #ended = false;

  /** Whether the lease belongs to another client now. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a connection. @returns what to call when it is closed. */
  add(connection: Peer): () => void {
    this.#connections.add(connection);
    return () => void this.#connections.delete(connection);
  }

  /** The lease belongs to another client: ends the calls of this one, and its connections. */
  end(): void {
    this.#ended = true;
    for (const connection of this.#connections) connection.expel(new LeaseTransferred());
  }
}
