/**
 * One exporter in controller mode: registers, tells its status, and serves the
 * leases that the controller gives. Runs until it is told to stop; no trouble with
 * the network ends it.
 *
 * @module
 */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { ControllerClient, type ControllerOptions } from "../controller/client.ts";
import { Presence, type PresenceOptions } from "../controller/presence.ts";
import { LeaseReleaser } from "../controller/release.ts";
import { rivalWatch } from "../controller/rival.ts";
import { type RetryOptions, stayOpen } from "../controller/retry.ts";
import { StatusReporter } from "../controller/status_reporter.ts";
import { report } from "../tree/report.ts";
import type { CheckpointFile } from "../lease/checkpoint_file.ts";
import { offline } from "../lease/messages.ts";
import type { Checkpoint, HookName, Lease, LeaseEffect, LeaseEvent } from "../lease/model.ts";
import { LeaseRunner } from "../lease/runner.ts";
import type { Log } from "../log/log.ts";
import { fulfilledWithin } from "../base/deadline.ts";
import { sleep } from "../base/sleep.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type {
  EndSessionResponse,
  RegisterRequest,
  StatusResponse,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { messageOf } from "../wire/error.ts";
import { ControllerLease } from "./controller_lease.ts";
import { explainStop } from "./hooks.ts";

/** What an exporter runs on. */
export interface ExporterOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly endpoint: ControllerOptions["endpoint"];
  readonly token: ControllerOptions["token"];
  readonly deadlineMs?: ControllerOptions["deadlineMs"];
  readonly renewMs?: PresenceOptions["renewMs"];
  /** Where the progress of a lease survives a restart. */
  readonly checkpoints: Pick<CheckpointFile, "load" | "save">;
}

/** How long the goodbye may take, as upstream allows it. */
const GOODBYE_MS = 10_000;

/** How long the first status may be under way before leases are listened for all the same. */
const FIRST_STATUS_MS = 5_000;

/** How long a final status stays to be read: official clients poll three times a second. */
const LINGER_MS = 1_000;

/** Clients wait for this answer only; the rest follows by the status. */
const SESSION_ENDED: EndSessionResponse = {
  success: true,
  message: "Session ends; the status tells when the afterLease hook is done",
};

/** An exporter of one config. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #client: ControllerClient;
  readonly #reporter: StatusReporter;
  readonly #presence: Presence;
  readonly #releaser: LeaseReleaser;
  readonly #runner: LeaseRunner;
  readonly #abort = new AbortController();
  #lease: ControllerLease | undefined;
  #closing: Promise<void> | undefined;
  #failedHook: HookName | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
    const { config, endpoint, token, deadlineMs, renewMs, log } = options;
    const { tls, channelOptions, identity } = config;
    this.#client = new ControllerClient({
      endpoint,
      tls,
      channelOptions,
      identity,
      token,
      ...(deadlineMs !== undefined && { deadlineMs }),
    });
    this.#reporter = new StatusReporter(this.#client, log, this.#abort.signal);
    this.#presence = new Presence({
      client: this.#client,
      reporter: this.#reporter,
      request: () => introduction(config),
      token,
      retry: this.#retry("Register"),
      ...(renewMs !== undefined && { renewMs }),
    });
    const retry = this.#retry("ReleaseLease");
    this.#releaser = new LeaseReleaser(this.#client, this.#reporter, retry);
    this.#runner = new LeaseRunner({
      rules: config.hooks,
      checkpoint: options.checkpoints.load(),
      handle: (effect) => this.#handle(effect),
    });
  }

  /** Resolves when the exporter has said goodbye, with its exit code: 1 when a hook ended it. */
  async run(): Promise<number> {
    using _client = this.#client;
    await this.#register();
    const kept = this.#presence.keep();
    for await (const status of this.#statuses()) {
      const event = toEvent(status);
      this.#releaser.heard(event.type === "leased" ? event.lease.name : undefined);
      this.#dispatch(event);
    }
    await this.#closing;
    await kept;
    const failedHook = this.#failedHook;
    await this.#sayGoodbye(offline(failedHook));
    return failedHook ? 1 : 0;
  }

  /** Ends the present lease and then the exporter; called again, it ends afterLease as well. */
  stop(): void {
    this.#dispatch({ type: "stop" });
    explainStop(this.#runner.state, this.#options.config, this.#options.log);
  }

  /** Ends the exporter once the present lease is over, at once where there is none. */
  drain(): void {
    this.#dispatch({ type: "drain" });
  }

  async #register(): Promise<void> {
    const { config, log } = this.#options;
    const { signal } = this.#abort;
    log.info(`Registering at ${this.#client.endpoint}`);
    if (!await this.#presence.register()) return;
    log.info(`Registered as ${config.identity.namespace}/${config.identity.name}`);
    // With a lease in progress, the first Status message decides what to report.
    const { state } = this.#runner;
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
    const onEarlyEnd = rivalWatch({ ...retry.attempt, identity }, retry.log);
    return stayOpen(() => this.#status(opened++ > 0), { ...retry, onEarlyEnd });
  }

  /** The controller that answers again may have forgotten us and what we told it. */
  async *#status(again: boolean): AsyncGenerator<StatusResponse> {
    if (again) await this.#presence.renew();
    yield* this.#client.status(this.#abort.signal);
  }

  #dispatch(event: LeaseEvent): void {
    this.#runner.dispatch(event);
  }

  #handle(effect: LeaseEffect): void {
    switch (effect.type) {
      case "open":
        return this.#open(effect);
      case "runHook":
        return void this.#runHook(effect.hook, effect.lease);
      case "transfer":
        return this.#lease?.transfer(effect.lease, effect.from);
      case "interruptHook":
        return this.#lease?.inner.interruptHook();
      case "linger":
        return void this.#linger();
      case "release":
        return this.#releaser.release(effect.lease.name);
      case "close":
        return this.#close();
      case "report":
        this.#lease?.inner.session.status.set(effect.status, effect.message);
        if (!effect.clientsOnly) this.#reporter.set(effect);
        return;
      case "save":
        return this.#save(effect.checkpoint);
      case "stop":
        this.#failedHook = effect.failedHook;
        return this.#abort.abort(new DOMException("the exporter stops", "AbortError"));
    }
    effect satisfies never;
  }

  #open({ lease, listen }: LeaseEffect & { type: "open" }): void {
    const { config } = this.#options;
    const log = this.#options.log.child({ lease: lease.name });
    log.info(lease.client ? `Leased by ${lease.client}` : "Leased");
    const opened = new ControllerLease({
      config,
      lease,
      listen,
      log,
      controller: this.#client,
      onOpened: () => this.#dispatchFor(opened, { type: "opened" }),
      onEndSession: () => {
        this.#dispatchFor(opened, { type: "endSession" });
        return SESSION_ENDED;
      },
    });
    this.#lease = opened;
    if (config.exitOnLeaseEnd) this.drain();
  }

  /** What belongs to a lease that is closed already comes too late. */
  #dispatchFor(lease: ControllerLease | undefined, event: LeaseEvent): void {
    if (lease && this.#lease === lease) this.#dispatch(event);
  }

  async #runHook(hook: HookName, { client }: Lease): Promise<void> {
    const lease = this.#lease;
    const outcome = await lease?.inner.runHook(hook, client);
    const failure = outcome && !outcome.ok ? outcome.message : undefined;
    this.#dispatchFor(lease, { type: "hookDone", hook, failure });
  }

  async #linger(): Promise<void> {
    const lease = this.#lease;
    await sleep(LINGER_MS, lease?.inner.signal);
    this.#dispatchFor(lease, { type: "lingered" });
  }

  /** An exporter that cannot save its progress works on; only a restart in the lease suffers. */
  #save(checkpoint: Checkpoint | undefined): void {
    try {
      this.#options.checkpoints.save(checkpoint);
    } catch (error) {
      this.#options.log.warning(messageOf(error));
    }
  }

  #close(): void {
    const lease = this.#lease;
    this.#lease = undefined;
    this.#closing = this.#finish(lease);
  }

  async #finish(lease: ControllerLease | undefined): Promise<void> {
    const { log } = this.#options;
    try {
      await lease?.[Symbol.asyncDispose]();
    } catch (error) {
      log.error(`Cannot close everything of the lease: ${messageOf(error)}`);
    }
    log.info("The lease is over");
    this.#dispatch({ type: "closed" });
  }

  /** OFFLINE, then Unregister; an exporter that was never known just leaves. */
  async #sayGoodbye(message: string): Promise<void> {
    if (!this.#presence.established) return;
    const { log } = this.#options;
    const signal = AbortSignal.timeout(GOODBYE_MS);
    try {
      await this.#client.reportStatus({
        status: ExporterStatus.EXPORTER_STATUS_OFFLINE,
        message,
        releaseLease: undefined,
      }, signal);
    } catch (error) {
      log.warning(`Cannot report OFFLINE to ${this.#client.endpoint}: ${messageOf(error)}`);
    }
    try {
      await this.#client.unregister("Exporter shutdown", signal);
      log.info("Unregistered");
    } catch (error) {
      log.warning(`Cannot unregister at ${this.#client.endpoint}: ${messageOf(error)}`);
    }
  }

  #retry(method: string): RetryOptions {
    const { endpoint, tls } = this.#client;
    return {
      attempt: { peer: "controller", endpoint, tls, method },
      log: this.#options.log.child({ logger: "controller" }),
      signal: this.#abort.signal,
    };
  }
}

/** What the controller is to know of an exporter: its labels and its drivers. */
function introduction({ tree, identity }: ExporterConfig): RegisterRequest {
  return { labels: { "jumpstarter.dev/name": identity.name }, reports: report(tree) };
}

function toEvent({ leased, leaseName, clientName }: StatusResponse): LeaseEvent {
  return leased && leaseName
    ? { type: "leased", lease: { name: leaseName, client: clientName ?? "" } }
    : { type: "idle" };
}
