/** Leases that a controller gives, served through routers. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import type { ControllerClient } from "../controller/client.ts";
import { LeaseReleaser } from "../controller/release.ts";
import type { RetryOptions } from "../controller/retry.ts";
import type { StatusReporter } from "../controller/status_reporter.ts";
import type { CheckpointFile } from "../lease/checkpoint_file.ts";
import type { Checkpoint, HookName, Lease } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ControllerLease } from "./controller_lease.ts";
import type { LeaseRequest, LeaseSource, OpenLease, StatusReport } from "./lease_source.ts";
import { heldLease, leaseFields } from "./state.ts";
import type { ExporterStore } from "./store.ts";

/** What a controller's leases are served with. */
export interface ControllerSourceOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly store: ExporterStore;
  readonly client: ControllerClient;
  readonly reporter: StatusReporter;
  /** How ReleaseLease is repeated. */
  readonly retry: RetryOptions;
  readonly checkpoints: Pick<CheckpointFile, "save">;
  /** The lease machine has another state. */
  onChanged(state: LeaseState): void;
  /** No lease is open, and none may come any more. */
  onStopped(failedHook: HookName | undefined): void;
}

/** Clients wait for this answer only; the rest follows by the status. */
const SESSION_ENDED: EndSessionResponse = {
  success: true,
  message: "Session ends; the status tells when the afterLease hook is done",
};

/** @see module */
export class ControllerSource implements LeaseSource {
  /** Official clients poll the status three times a second. */
  readonly lingerMs = 1_000;
  readonly #options: ControllerSourceOptions;
  readonly #releaser: LeaseReleaser;
  #open: ControllerLease | undefined;

  constructor(options: ControllerSourceOptions) {
    this.#options = options;
    this.#releaser = new LeaseReleaser(options.client, options.reporter, options.retry);
  }

  /** The controller announces `lease`, or none. */
  announced(lease: Lease | undefined): void {
    this.#releaser.announced(lease?.name);
  }

  open({ lease, listen, onOpened, onEndSession }: LeaseRequest): OpenLease {
    const { config, client: controller, store } = this.#options;
    const log = this.#options.log.fork(() => this.#holder()).child({ lease: lease.name });
    return this.#open = new ControllerLease({
      config,
      lease,
      listen,
      log,
      store,
      controller,
      onOpened,
      onEndSession: () => {
        onEndSession();
        return SESSION_ENDED;
      },
    });
  }

  /** Who has the lease now: it may be transferred. */
  #holder(): { client?: string } {
    const client = this.#options.store.state.lease?.client;
    return client ? { client } : {};
  }

  release({ name }: Lease): void {
    this.#releaser.release(name);
  }

  report({ status, message, clientsOnly }: StatusReport): void {
    this.#open?.session.status.set(status, message);
    if (!clientsOnly) this.#options.reporter.set({ status, message });
  }

  /** An exporter that cannot save its progress works on; only a restart in the lease suffers. */
  save(checkpoint: Checkpoint | undefined): void {
    try {
      this.#options.checkpoints.save(checkpoint);
    } catch (error) {
      this.#options.log.warning(messageOf(error));
    }
  }

  changed(state: LeaseState): void {
    const { store } = this.#options;
    store.update({ ...leaseFields(state), lease: heldLease(state, store.state.lease) });
    // Nothing of a lease is kept when it is over.
    if (!("lease" in state)) this.#open = undefined;
    this.#options.onChanged(state);
  }

  stopped(failedHook: HookName | undefined): void {
    this.#options.onStopped(failedHook);
  }
}
