/** The source of leases without a controller: one after the other, each for all clients. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { sleep } from "../base/sleep.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import type { HookName, Lease, LeaseEvent } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import type { PassphraseGate } from "../session/passphrase.ts";
import { LeaseSession } from "./lease_session.ts";
import type { LeaseRequest, LeaseSource, OpenLease, StatusReport } from "./lease_source.ts";
import { leaseFields } from "./state.ts";
import type { ExporterStore } from "./store.ts";

/** The lease that logs and hooks see; its empty client becomes the hooks' CLIENT_NAME. */
const LEASE: Lease = { name: "standalone", client: "" };

/** What the leases need. */
export interface StandaloneSourceOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly store: ExporterStore;
  /** Requires a passphrase from clients, if given. */
  readonly gate: PassphraseGate | undefined;
  readonly commands: ProgramCommands | undefined;
  /** Called when a lease begins and when it is over. */
  onLease(event: LeaseEvent): void;
  /** Called when no lease may begin any more. */
  onStopped(failedHook: HookName | undefined): void;
}

/**
 * Begins a lease at the start, and the next one whenever a lease is over, which is shortly after
 * a client has ended its session. All leases share one session, whose drivers stay open.
 */
export class StandaloneSource implements LeaseSource, AsyncDisposable {
  readonly lingerMs = 2_000;
  readonly session: LeaseSession;
  readonly #options: StandaloneSourceOptions;
  #endSession: () => void = () => {};
  /** Number of leases so far. Each has its own name, because the lease machine begins none twice. */
  #leases = 0;

  constructor(options: StandaloneSourceOptions) {
    this.#options = options;
    const { config, log, store, gate, commands } = options;
    this.session = new LeaseSession({
      config,
      lease: LEASE,
      log: log.child({ lease: LEASE.name }),
      store,
      gate,
      commands,
      onEndSession: () => {
        this.#endSession();
        return { success: true, message: "Session ended" };
      },
    });
  }

  /** Begins a lease. It has a client name, since the machine runs no afterLease without one. */
  start(): void {
    const lease = { name: `${LEASE.name} ${++this.#leases}`, client: "standalone" };
    this.#options.onLease({ type: "leased", lease });
  }

  open({ onOpened, onEndSession }: LeaseRequest): OpenLease {
    const { session } = this;
    this.#endSession = onEndSession;
    // The first lease has just opened them.
    if (this.#leases > 1) void session.drivers.lookAgain();
    queueMicrotask(onOpened);
    return {
      signal: session.signal,
      runHook: (name) => session.runHook(name, LEASE.client),
      interruptHook: () => session.interruptHook(),
      statusRead: (audience, signal) => session.statusRead(audience, signal),
      transfer: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  report({ status, message, to }: StatusReport): void {
    if (to !== "controller") this.session.session.status.set(status, message);
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

  /** Does nothing: the next lease begins when this one is closed. */
  release(): void {}

  /** Does nothing: a restart ends the sessions of all clients. */
  save(): void {}

  /** Closes the session, with its drivers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }

  /** Ends the lease after clients had time to read AVAILABLE. */
  async #endLease(): Promise<void> {
    await sleep(this.lingerMs, this.session.signal);
    this.#options.onLease({ type: "idle" });
  }
}
