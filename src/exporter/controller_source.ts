/** The source of leases that a controller assigns; clients connect through routers. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import type { ControllerClient } from "../controller/client.ts";
import { LeaseReleaser } from "../controller/release.ts";
import type { RetryOptions } from "../controller/retry.ts";
import type { StatusReporter } from "../controller/status_reporter.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import type { CheckpointFile } from "../lease/checkpoint_file.ts";
import type { Checkpoint, HookName, Lease } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { Session } from "../session/session.ts";
import { ControllerLease } from "./controller_lease.ts";
import type { LeaseRequest, LeaseSource, OpenLease, StatusReport } from "./lease_source.ts";
import type { LocalUse } from "./local/use.ts";
import { heldLease, leaseFields } from "./state.ts";
import type { ExporterStore } from "./store.ts";

/** What a controller's leases need. */
export interface ControllerSourceOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly store: ExporterStore;
  readonly client: ControllerClient;
  readonly reporter: StatusReporter;
  /** How ReleaseLease is retried. */
  readonly retry: RetryOptions;
  readonly checkpoints: Pick<CheckpointFile, "save">;
  /** Processes of the host that use the drivers while there is no lease. */
  readonly local: Pick<LocalUse, "end">;
  readonly commands: ProgramCommands | undefined;
  /** Called with each new state of the lease machine. */
  onChanged(state: LeaseState): void;
  /** Called when no lease is open and none may begin any more. */
  onStopped(failedHook: HookName | undefined): void;
}

/** The answer to EndSession is immediate; clients read the progress of afterLease from the status. */
const SESSION_ENDED: EndSessionResponse = {
  success: true,
  message: "Session ends; the status shows when the afterLease hook has ended",
};

/** @see module */
export class ControllerSource implements LeaseSource {
  /** Long enough for official clients, which poll the status three times a second. */
  readonly lingerMs = 1_000;
  readonly #options: ControllerSourceOptions;
  readonly #releaser: LeaseReleaser;
  #open: ControllerLease | undefined;

  constructor(options: ControllerSourceOptions) {
    this.#options = options;
    this.#releaser = new LeaseReleaser(options.client, options.reporter, options.retry);
  }

  /** Notes that the controller announced `lease`, or none. */
  announced(lease: Lease | undefined): void {
    this.#releaser.announced(lease?.name);
  }

  /** The session of the open lease. */
  get session(): Session | undefined {
    return this.#open?.session;
  }

  vacate({ name, client }: Lease): Promise<void> | undefined {
    const by = client ? ` by ${client}` : "";
    return this.#options.local.end(`the exporter was leased${by} (lease ${name})`);
  }

  open({ lease, listen, onOpened, onEndSession }: LeaseRequest): OpenLease {
    const { config, client: controller, store, commands } = this.#options;
    const log = this.#options.log.fork(() => this.#holder()).child({ lease: lease.name });
    return this.#open = new ControllerLease({
      config,
      lease,
      listen,
      log,
      store,
      controller,
      commands,
      onOpened,
      onEndSession: () => {
        onEndSession();
        return SESSION_ENDED;
      },
    });
  }

  /** Returns the client that holds the lease now; a transfer changes it. */
  #holder(): { client?: string } {
    const client = this.#options.store.state.lease?.client;
    return client ? { client } : {};
  }

  release({ name }: Lease): void {
    this.#releaser.release(name);
  }

  report({ status, message, to }: StatusReport): void {
    if (to !== "controller") this.#open?.session.status.set(status, message);
    if (to !== "clients") this.#options.reporter.set({ status, message });
  }

  /** Only warns if it fails: the exporter works without saved progress, except after a restart. */
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
    // Releases the memory of a lease that is over.
    if (!("lease" in state)) this.#open = undefined;
    this.#options.onChanged(state);
  }

  stopped(failedHook: HookName | undefined): void {
    this.#options.onStopped(failedHook);
  }
}
