/** The interface between the local socket of an exporter and its drivers. @module */
import type { LocalIdentity } from "../../wire/local.ts";
import { Code, DriverError } from "../../wire/error.ts";
import type { Link } from "../../wire/net/link.ts";

/** A process of the host that asks for the drivers. */
export interface LocalVisitor {
  /** As logs name it. */
  readonly user: string;
  /** Whether to interfere with a client's lease. */
  readonly force: boolean;
}

/** A visitor's permission to use the drivers; disposing it gives it back. */
export interface LocalVisit extends Disposable {
  /** Serves the visitor's connection until it ends. Called at most once. */
  serve(link: Link): void;
}

/** An exporter as processes of its host see it. */
export interface LocalTarget {
  readonly local: LocalIdentity;
  /**
   * Admits a visitor; waits while a lease is being closed, but not long.
   *
   * @throws {LocalUseRefused}
   */
  admit(visitor: LocalVisitor): Promise<LocalVisit>;
}

/** A visitor may not use the drivers now; the message says why, and what to do. */
export class LocalUseRefused extends DriverError {
  override name = "LocalUseRefused";
  override readonly code = Code.FAILED_PRECONDITION;
}

/** Ends the calls of visitors whose use of the drivers ends. */
export class LocalUseEnded extends DriverError {
  override name = "LocalUseEnded";
  override readonly code = Code.UNAVAILABLE;
}
