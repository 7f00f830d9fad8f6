/**
 * An exporter in controller mode: registers, reports its status, and serves the leases
 * that the controller assigns. It runs until `stop` or `drain` is called; network errors do
 * not end it. Several exporters can run in one process.
 *
 * @module
 */
import { fulfilledWithin } from "../base/deadline.ts";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { ControllerClient, type ControllerOptions } from "../controller/client.ts";
import { Presence, type PresenceOptions } from "../controller/presence.ts";
import { type RetryOptions, stayOpen } from "../controller/retry.ts";
import { rivalWatch } from "../controller/rival.ts";
import { StatusReporter } from "../controller/status_reporter.ts";
import type { CheckpointFile } from "../lease/checkpoint_file.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import { offline } from "../lease/messages.ts";
import type { HookName, Lease } from "../lease/model.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import { report } from "../tree/report.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { RegisterRequest, StatusResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ControllerLinkWatch } from "./controller_link.ts";
import { ControllerSource } from "./controller_source.ts";
import { sayGoodbye } from "./goodbye.ts";
import { learnHosted } from "./learn_hosted.ts";
import { LeaseExecutor } from "./lease_executor.ts";
import { LeaseSession } from "./lease_session.ts";
import { LocalAccess } from "./local/access.ts";
import { localIdentity } from "./local/identity.ts";
import { LocalUse } from "./local/use.ts";
import { ExporterStore } from "./store.ts";

/** What an exporter needs. */
export interface ExporterOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly endpoint: ControllerOptions["endpoint"];
  readonly token: ControllerOptions["token"];
  readonly deadlineMs?: ControllerOptions["deadlineMs"];
  readonly renewMs?: PresenceOptions["renewMs"];
  /** Stores the progress of a lease, so that it survives a restart. */
  readonly checkpoints: Pick<CheckpointFile, "load" | "save">;
  /** Puts `j` and `jmp` on the PATH of hooks, if given. */
  readonly commands?: ProgramCommands;
}

/** Longest wait for other processes before the exporter registers without their drivers, in ms. */
const LEARN_MS = 15_000;

/** Longest wait for the first status report before the exporter subscribes to leases, in milliseconds. */
const FIRST_STATUS_MS = 5_000;

/**
 * Time from a stop to the goodbye to the controller, in milliseconds, if a hook still runs then.
 * Docker kills a container 10 s after the stop, Kubernetes 30 s.
 */
const GOODBYE_AFTER_MS = 5_000;

/** An exporter of one config. */
export class Exporter {
  /** The state of the exporter. */
  readonly store: ExporterStore;
  readonly #options: ExporterOptions;
  readonly #log: Log;
  readonly #client: ControllerClient;
  readonly #link: ControllerLinkWatch;
  readonly #reporter: StatusReporter;
  readonly #presence: Presence;
  readonly #source: ControllerSource;
  readonly #leases: LeaseExecutor;
  readonly #abort = new AbortController();
  /** Aborted when the first lease begins, or when a process of the host uses the drivers. */
  readonly #used = new AbortController();
  /** Resolves when the lease machine has stopped. */
  readonly #ended = Promise.withResolvers<void>();
  #early: ReturnType<typeof setTimeout> | undefined;
  readonly #learned = Promise.withResolvers<void>();
  readonly #localUse: LocalUse;
  /** Admits processes of the host. */
  readonly local: LocalAccess;
  #failedHook: HookName | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
    const { config, endpoint, token, deadlineMs, renewMs, checkpoints } = options;
    const { tls, channelOptions, identity } = config;
    this.store = new ExporterStore(config);
    const log = this.#log = options.log.fork().child({ exporter: identity.name });
    this.store.keepErrors(log);
    this.#client = new ControllerClient({
      endpoint,
      tls,
      channelOptions,
      identity,
      token,
      ...(deadlineMs !== undefined && { deadlineMs }),
    });
    this.#link = new ControllerLinkWatch(this.store, this.#client.endpoint);
    this.#reporter = new StatusReporter(this.#client, this.#retry("ReportStatus"));
    this.#presence = new Presence({
      client: this.#client,
      reporter: this.#reporter,
      request: () => introduction(config),
      token,
      retry: this.#retry("Register"),
      ...(renewMs !== undefined && { renewMs }),
    });
    this.#localUse = new LocalUse({ log, open: () => this.#openLocally() });
    this.local = new LocalAccess({
      local: localIdentity(config),
      use: this.#localUse,
      state: () => this.#leases.state,
      session: () => this.#source.session,
      prepared: () => this.#learned.promise,
    });
    this.#source = new ControllerSource({
      config,
      log,
      store: this.store,
      client: this.#client,
      reporter: this.#reporter,
      retry: this.#retry("ReleaseLease"),
      checkpoints,
      local: this.#localUse,
      commands: options.commands,
      onChanged: (state) => this.#changed(state),
      onStopped: (failedHook) => this.#stopped(failedHook),
    });
    const checkpoint = checkpoints.load();
    this.#leases = new LeaseExecutor({
      source: this.#source,
      hooks: config.hooks,
      log,
      checkpoint,
    });
  }

  /** Resolves when the exporter has unregistered, with its exit code: 1 if a failed hook ended it. */
  async run(): Promise<number> {
    using _client = this.#client;
    try {
      return await this.#run();
    } finally {
      // If it fails, its timers, connections and lease must not stay in the process.
      this.#stopped(this.#failedHook);
      await this.#leases[Symbol.asyncDispose]();
      await this.#localUse[Symbol.asyncDispose]();
    }
  }

  async #run(): Promise<number> {
    await this.#learn();
    this.#learned.resolve();
    this.#tellRoute();
    await this.#register();
    const kept = this.#presence.keep();
    for await (const status of this.#statuses()) {
      const lease = leaseOf(status);
      this.#source.announced(lease);
      this.#leases.dispatch(lease ? { type: "leased", lease } : { type: "idle" });
    }
    await kept;
    if (this.#presence.established) {
      const message = offline(this.#failedHook);
      if (await sayGoodbye(this.#client, message, this.#log)) this.#link.setRegistered(false);
    }
    await this.#ended.promise;
    return this.#failedHook ? 1 : 0;
  }

  /** Names the environment variable that decides whether a proxy is used. */
  #tellRoute(): void {
    const { endpoint, route: { reason, unusable } } = this.#client;
    if (reason === undefined) return;
    this.#log[unusable ? "warning" : "info"](`The controller ${endpoint} is reached ${reason}`);
  }

  /** Ends the current lease and then the exporter; a second call also aborts afterLease. */
  stop(): void {
    this.#leases.stop();
    if (this.#leases.state.phase === "stopped") return;
    this.#early ??= setTimeout(() => this.#leave(), GOODBYE_AFTER_MS);
  }

  /** Ends the exporter when the current lease is over, or at once if there is none. */
  drain(): void {
    this.#leases.drain();
  }

  #changed({ phase }: LeaseState): void {
    // The lease starts the processes itself, and need not wait for those that are late.
    if (phase === "opening") this.#used.abort();
    if (phase === "opening" && this.#options.config.exitOnLeaseEnd) this.drain();
    this.local.changed();
  }

  /** Opens the drivers for processes of the host. No hooks run. */
  #openLocally(): LeaseSession {
    this.#used.abort();
    const { config } = this.#options;
    return new LeaseSession({
      config,
      lease: { name: "local", client: "" },
      log: this.#log,
      store: this.store,
      onEndSession: () => ({ success: true, message: "" }),
    });
  }

  #stopped(failedHook: HookName | undefined): void {
    this.#failedHook = failedHook;
    this.#localUse.end("the exporter stops");
    clearTimeout(this.#early);
    this.#leave();
    this.#ended.resolve();
  }

  /** Leaves the controller. A hook that still runs goes on: its drivers need no controller. */
  #leave(): void {
    this.#abort.abort(new DOMException("the exporter stops", "AbortError"));
  }

  /** Learns what other processes serve; registers anew when it becomes known later. */
  async #learn(): Promise<void> {
    const { config: { tree } } = this.#options;
    const { signal } = this.#abort;
    const learning = learnHosted(tree, {
      log: this.#log,
      store: this.store,
      signal: AbortSignal.any([signal, this.#used.signal]),
    });
    await fulfilledWithin(LEARN_MS, learning, signal);
    const changed = tree.subscribe(() => {
      if (this.#presence.established) void this.#presence.renew();
    });
    signal.addEventListener("abort", () => changed[Symbol.dispose]());
  }

  async #register(): Promise<void> {
    const { signal } = this.#abort;
    if (!await this.#presence.register()) return;
    this.#link.setRegistered(true);
    // With a lease in progress, the first Status message decides what to report.
    const { state } = this.#leases;
    if (state.phase === "idle" && state.checkpoint) return;
    this.#reporter.set({
      status: ExporterStatus.EXPORTER_STATUS_AVAILABLE,
      message: "Exporter registered and available",
    });
    await fulfilledWithin(FIRST_STATUS_MS, this.#reporter.settled(), signal);
  }

  #statuses(): AsyncGenerator<StatusResponse> {
    let opened = 0;
    const retry = this.#retry("Status");
    const { identity } = this.#options.config;
    const onEarlyEnd = rivalWatch({ ...retry.target, identity }, retry.log);
    return stayOpen(() => this.#status(opened++ > 0), { ...retry, onEarlyEnd });
  }

  /** Registers and reports again after a reconnect, since a restarted controller may have lost both. */
  async *#status(again: boolean): AsyncGenerator<StatusResponse> {
    if (again) await this.#presence.renew();
    yield* this.#client.status(this.#abort.signal);
  }

  #retry(method: string): RetryOptions {
    const { endpoint, tls } = this.#client;
    const { config: { channelOptions }, token } = this.#options;
    return {
      target: { peer: "controller", endpoint, tls, channelOptions, method, token },
      log: this.#log.child({ logger: "controller" }),
      signal: this.#abort.signal,
      health: this.#link,
    };
  }
}

/** Creates the request that registers the exporter: its labels and its drivers. */
function introduction({ tree, identity }: ExporterConfig): RegisterRequest {
  return { labels: { "jumpstarter.dev/name": identity.name }, reports: report(tree.root) };
}

function leaseOf({ leased, leaseName, clientName }: StatusResponse): Lease | undefined {
  return leased && leaseName ? { name: leaseName, client: clientName ?? "" } : undefined;
}
