/** Runs the leases of one exporter: carries out what the lease machine decides. @module */
import { sleep } from "../base/sleep.ts";
import type { Checkpoint, HookName, LeaseEffect, LeaseEvent, OnFailure } from "../lease/model.ts";
import { LeaseRunner } from "../lease/runner.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { LeaseSource, OpenLease } from "./lease_source.ts";

/** What the executor needs to know of a hook. */
export interface HookLimits {
  readonly onFailure: OnFailure;
  readonly timeoutSeconds: number;
}

/** What leases run on. */
export interface LeaseExecutorOptions {
  readonly source: LeaseSource;
  readonly log: Log;
  /** The hooks that run. */
  readonly hooks: { readonly [hook in HookName]?: HookLimits };
  /** Progress saved by the previous process. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Holds the lease machine and the lease that is open. Knows nothing of where leases come from. */
export class LeaseExecutor implements AsyncDisposable {
  readonly #options: LeaseExecutorOptions;
  readonly #runner: LeaseRunner;
  #open: OpenLease | undefined;

  constructor(options: LeaseExecutorOptions) {
    this.#options = options;
    const { source, hooks, checkpoint } = options;
    this.#runner = new LeaseRunner({
      rules: hooks,
      checkpoint,
      handle: (effect) => this.#handle(effect),
      changed: (state) => source.changed(state),
    });
  }

  /** Where the lease machine is. */
  get state(): LeaseState {
    return this.#runner.state;
  }

  /** Takes an event of the source. */
  dispatch(event: LeaseEvent): void {
    this.#runner.dispatch(event);
  }

  /** Ends the present lease and then the exporter; called again, it aborts afterLease as well. */
  stop(): void {
    this.dispatch({ type: "stop" });
    this.#explainStop();
  }

  /** Ends the exporter once the present lease is over, at once where there is none. */
  drain(): void {
    this.dispatch({ type: "drain" });
  }

  /** Logs why an exporter that was told to stop still runs, and how to stop it at once. */
  #explainStop(): void {
    const { state } = this;
    const { log, hooks: { afterLease } } = this.#options;
    if (state.phase !== "after" || state.hookAborted || !afterLease) return;
    const seconds = afterLease.timeoutSeconds;
    log.info(`The afterLease hook has ${seconds} s to end; another signal ends it at once`);
  }

  /** Closes the lease that is open, if one is, whatever the machine decides. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeOpen();
  }

  #handle(effect: LeaseEffect): void {
    const { source } = this.#options;
    switch (effect.type) {
      case "open":
        return this.#openLease(effect);
      case "transfer":
        return this.#open?.transfer(effect.lease.client, effect.from);
      case "runHook":
        return void this.#runHook(effect.hook, effect.lease.client);
      case "interruptHook":
        return this.#open?.interruptHook();
      case "linger":
        return void this.#linger();
      case "release":
        return source.release(effect.lease);
      case "close":
        return void this.#close();
      case "report":
        return source.report(effect);
      case "save":
        return source.save(effect.checkpoint);
      case "stop":
        return source.stopped(effect.failedHook);
    }
    effect satisfies never;
  }

  #openLease({ lease, listen }: LeaseEffect & { type: "open" }): void {
    const open = this.#options.source.open({
      lease,
      listen,
      onOpened: () => this.#answer(open, { type: "opened" }),
      onEndSession: () => this.#answer(open, { type: "endSession" }),
    });
    this.#open = open;
  }

  /** What belongs to a lease that is closed already comes too late. */
  #answer(open: OpenLease | undefined, event: LeaseEvent): void {
    if (open && this.#open === open) this.dispatch(event);
  }

  async #runHook(hook: HookName, client: string): Promise<void> {
    const open = this.#open;
    const outcome = await open?.runHook(hook, client);
    const failure = outcome && !outcome.ok ? outcome.message : undefined;
    this.#answer(open, { type: "hookDone", hook, failure });
  }

  async #linger(): Promise<void> {
    const open = this.#open;
    await sleep(this.#options.source.lingerMs, open?.signal);
    this.#answer(open, { type: "lingered" });
  }

  async #close(): Promise<void> {
    await this.#closeOpen();
    this.dispatch({ type: "closed" });
  }

  async #closeOpen(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    try {
      await open?.[Symbol.asyncDispose]();
    } catch (error) {
      this.#options.log.error(`Cannot close everything of the lease: ${messageOf(error)}`);
    }
  }
}
