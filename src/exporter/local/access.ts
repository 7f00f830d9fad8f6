/** Admits processes of the host to an exporter that a controller leases to clients. @module */
import { Deadline } from "../../base/deadline.ts";
import { Waiters } from "../../base/waiters.ts";
import type { LeaseState } from "../../lease/state.ts";
import type { Session } from "../../session/session.ts";
import type { LocalIdentity } from "../../wire/local.ts";
import { type Admission, admissionOf } from "./admission.ts";
import { type LocalTarget, LocalUseRefused, type LocalVisit, type LocalVisitor } from "./target.ts";
import type { LocalUse } from "./use.ts";

/** Dependencies of {@linkcode LocalAccess}. */
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

/** Admits visitors to the session of the lease, or to drivers that are opened for them. */
export class LocalAccess implements LocalTarget {
  readonly #options: LocalAccessOptions;
  readonly #changes = new Waiters();

  constructor(options: LocalAccessOptions) {
    this.#options = options;
  }

  get local(): LocalIdentity {
    return this.#options.local;
  }

  /** Wakes waiting visitors; call it when the lease machine or its session has changed. */
  changed(): void {
    this.#changes.wake();
  }

  async admit({ user, force }: LocalVisitor): Promise<LocalVisit> {
    const { local: { name }, use, patienceMs = PATIENCE_MS } = this.#options;
    await this.#options.prepared();
    using patience = new Deadline({ ms: patienceMs });
    for (;;) {
      const admission = admissionOf(name, this.#options.state(), force);
      if (admission.kind === "refused") throw new LocalUseRefused(admission.reason);
      if (admission.kind === "own" && !use.closing) return use.enter(user);
      const session = admission.kind === "lease" ? this.#options.session() : undefined;
      if (session) return inLease(session, user);
      if (patience.signal.aborted) throw new LocalUseRefused(reasonOf(name, admission));
      const change = this.#changes.wait(patience.signal);
      await (use.closing ? Promise.race([use.closing, change]) : change);
    }
  }
}

function reasonOf(name: string, admission: Admission): string {
  return "reason" in admission
    ? admission.reason
    : `${name} is still closing its drivers; try again`;
}

/** A visit to the session of a client, whose log shows it. */
function inLease(session: Session, user: string): LocalVisit {
  return {
    serve: (link) => void session.serveLocally(link, { user, interferes: true, waits: false }),
    [Symbol.dispose]() {},
  };
}
