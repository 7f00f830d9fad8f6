/** The connections of the client that holds a lease, until the lease is transferred. @module */
import { Code, DriverError } from "../wire/error.ts";
import type { Peer } from "../wire/grpc/peer.ts";

/** Ends the calls of the former client. Official clients search the message for `permission denied`. */
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

  /** Whether the lease was transferred to another client. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a connection. @returns a function to call when the connection is closed. */
  add(connection: Peer): () => void {
    this.#connections.add(connection);
    return () => void this.#connections.delete(connection);
  }

  /** Ends the calls and connections of this client, after a transfer of the lease to another one. */
  end(): void {
    this.#ended = true;
    for (const connection of this.#connections) connection.expel(new LeaseTransferred());
  }
}
