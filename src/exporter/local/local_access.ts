/** Admits processes of the host to an exporter that a controller leases to clients. @module */
import { Deadline } from "../../base/deadline.ts";
import { Waiters } from "../../base/waiters.ts";
import type { LeaseState } from "../../lease/state.ts";
import type { Session } from "../../session/session.ts";
import type { LocalIdentity } from "../../wire/local.ts";
import { type LocalPlace, placeOf } from "./local_rules.ts";
import {
  type LocalTarget,
  LocalUseRefused,
  type LocalVisit,
  type LocalVisitor,
} from "./local_target.ts";
import type { LocalUse } from "./local_use.ts";

/** What access depends on. */
export interface LocalAccessOptions {
  readonly local: LocalIdentity;
  /** The drivers while there is no lease. */
  readonly use: LocalUse;
  /** The state of the lease machine. */
  state(): LeaseState;
  /** The session of the open lease. */
  session(): Session | undefined;
  /** Resolves when the drivers are known and not in use by the exporter itself. */
  prepared(): Promise<void>;
  /** How long a visitor waits for the end of a lease, in milliseconds. @default 15_000 */
  readonly patienceMs?: number;
}

/** Longer than most drivers take to close, in milliseconds. */
const PATIENCE_MS = 15_000;

/** @see module */
export class LocalAccess implements LocalTarget {
  readonly #options: LocalAccessOptions;
  readonly #changes = new Waiters();

  constructor(options: LocalAccessOptions) {
    this.#options = options;
  }

  get local(): LocalIdentity {
    return this.#options.local;
  }

  /** To be called when what the options tell has changed. */
  changed(): void {
    this.#changes.wake();
  }

  async admit({ user, force }: LocalVisitor): Promise<LocalVisit> {
    const { local: { name }, use, patienceMs = PATIENCE_MS } = this.#options;
    await this.#options.prepared();
    using patience = new Deadline({ ms: patienceMs });
    for (;;) {
      const place = placeOf(name, this.#options.state(), force);
      if (place.kind === "refused") throw new LocalUseRefused(place.reason);
      if (place.kind === "own" && !use.closing) return use.enter(user);
      const session = place.kind === "lease" ? this.#options.session() : undefined;
      if (session) return inLease(session, user);
      if (patience.signal.aborted) throw new LocalUseRefused(reasonOf(name, place));
      const change = this.#changes.wait(patience.signal);
      await (use.closing ? Promise.race([use.closing, change]) : change);
    }
  }
}

function reasonOf(name: string, place: LocalPlace): string {
  return "reason" in place ? place.reason : `${name} is still closing its drivers; try again`;
}

/** A visit to the session of a client, who is told. */
function inLease(session: Session, user: string): LocalVisit {
  return {
    serve: (link) => void session.serveLocally(link, { user, interferes: true, waits: false }),
    [Symbol.dispose]() {},
  };
}
