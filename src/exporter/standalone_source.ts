/** Leases of an exporter without a controller: one after the other, for whoever connects. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { sleep } from "../base/sleep.ts";
import type { HookName, Lease, LeaseEvent } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import type { PassphraseGate } from "../session/passphrase.ts";
import { LeaseSession } from "./lease_session.ts";
import type { LeaseRequest, LeaseSource, OpenLease, StatusReport } from "./lease_source.ts";
import { leaseFields } from "./state.ts";
import type { ExporterStore } from "./store.ts";

/** What logs and hooks are given in place of a lease; hooks get an empty client name. */
const LEASE: Lease = { name: "standalone", client: "" };

/** What the leases are served with. */
export interface StandaloneSourceOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly store: ExporterStore;
  /** Asks clients for a passphrase, where given. */
  readonly gate: PassphraseGate | undefined;
  /** A lease begins, or is over. */
  onLease(event: LeaseEvent): void;
  /** No lease may begin any more. */
  onStopped(failedHook: HookName | undefined): void;
}

/**
 * A lease begins at the start, and again whenever the one before is over: that is a moment
 * after a client has ended its session. All share one session, whose drivers stay open.
 */
export class StandaloneSource implements LeaseSource, AsyncDisposable {
  readonly lingerMs = 2_000;
  readonly session: LeaseSession;
  readonly #options: StandaloneSourceOptions;
  #endSession: () => void = () => {};
  /** How many there were; each has a name of its own, as the lease machine begins none twice. */
  #leases = 0;

  constructor(options: StandaloneSourceOptions) {
    this.#options = options;
    const { config, log, store, gate } = options;
    this.session = new LeaseSession({
      config,
      lease: LEASE,
      log: log.child({ lease: LEASE.name }),
      store,
      gate,
      onEndSession: () => {
        this.#endSession();
        return { success: true, message: "Session ended" };
      },
    });
  }

  /** Begins the first lease, or the next. The machine runs afterLease for named clients only. */
  start(): void {
    const lease = { name: `${LEASE.name} ${++this.#leases}`, client: "standalone" };
    this.#options.onLease({ type: "leased", lease });
  }

  open({ onOpened, onEndSession }: LeaseRequest): OpenLease {
    const { session } = this;
    this.#endSession = onEndSession;
    queueMicrotask(onOpened);
    return {
      signal: session.signal,
      runHook: (name) => session.runHook(name, LEASE.client),
      interruptHook: () => session.interruptHook(),
      transfer: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  report({ status, message }: StatusReport): void {
    this.session.session.status.set(status, message);
  }

  changed(state: LeaseState): void {
    const { phase } = state;
    this.#options.store.update(leaseFields(state));
    if (phase === "ended") void this.#endLease();
    if (phase === "idle") this.start();
  }

  stopped(failedHook: HookName | undefined): void {
    this.#options.onStopped(failedHook);
  }

  /** Nobody is told: a lease that is released is followed by the next one. */
  release(): void {}

  /** Nothing is saved: a restart ends the sessions of all clients. */
  save(): void {}

  /** Closes the session, with its drivers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }

  /** Clients may read AVAILABLE for a moment. */
  async #endLease(): Promise<void> {
    await sleep(this.lingerMs, this.session.signal);
    this.#options.onLease({ type: "idle" });
  }
}
