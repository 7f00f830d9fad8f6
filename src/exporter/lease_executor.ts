/** Runs the leases of one exporter: executes the effects of the lease machine. @module */
import { Deadline } from "../base/deadline.ts";
import { sleep } from "../base/sleep.ts";
import type {
  Checkpoint,
  HookName,
  Lease,
  LeaseEffect,
  LeaseEvent,
  OnFailure,
} from "../lease/model.ts";
import { LeaseRunner } from "../lease/runner.ts";
import type { LeaseState } from "../lease/state.ts";
import type { Log } from "../log/log.ts";
import type { Audience } from "../session/status_readers.ts";
import { messageOf } from "../wire/error.ts";
import type { LeaseSource, OpenLease } from "./lease_source.ts";

/**
 * Longest time that a lease is kept for clients to read its final status, in milliseconds. Official
 * clients need up to 5 s from their lease to their first call.
 */
const MAX_FINAL_MS = 15_000;

/** The settings of a hook that the executor needs. */
export interface HookLimits {
  readonly onFailure: OnFailure;
  readonly timeoutSeconds: number;
}

/** What the executor needs. */
export interface LeaseExecutorOptions {
  readonly source: LeaseSource;
  readonly log: Log;
  /** The hooks that are configured. */
  readonly hooks: { readonly [hook in HookName]?: HookLimits };
  /** Progress saved by the previous process. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Holds the lease machine and the open lease. Independent of the kind of source. */
export class LeaseExecutor implements AsyncDisposable {
  readonly #options: LeaseExecutorOptions;
  readonly #runner: LeaseRunner;
  #open: OpenLease | undefined;
  /** The lease that opens once the drivers are free. */
  #waiting: Lease | undefined;

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

  /** The state of the lease machine. */
  get state(): LeaseState {
    return this.#runner.state;
  }

  /** Passes an event of the source to the lease machine. */
  dispatch(event: LeaseEvent): void {
    this.#runner.dispatch(event);
  }

  /** Ends the current lease and then the exporter; a second call also aborts afterLease. */
  stop(): void {
    this.dispatch({ type: "stop" });
    this.#explainStop();
  }

  /** Ends the exporter when the current lease is over, or at once if there is none. */
  drain(): void {
    this.dispatch({ type: "drain" });
  }

  /** Logs that a stopping exporter waits for its afterLease hook, and how to stop it at once. */
  #explainStop(): void {
    const { state } = this;
    const { log, hooks: { afterLease } } = this.#options;
    if (state.phase !== "after" || state.hookAborted || !afterLease) return;
    const seconds = afterLease.timeoutSeconds;
    log.info(`The afterLease hook has ${seconds} s to end; another signal ends it at once`);
  }

  /** Closes the open lease, if there is one, without the lease machine. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeOpen();
  }

  #handle(effect: LeaseEffect): void {
    const { source } = this.#options;
    switch (effect.type) {
      case "open":
        return this.#openWhenVacant(effect);
      case "transfer":
        return this.#open?.transfer(effect.lease.client, effect.from);
      case "runHook":
        return void this.#runHook(effect.hook, effect.lease.client);
      case "interruptHook":
        return this.#open?.interruptHook();
      case "awaitReaders":
        return void this.#awaitReaders(effect.readers);
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

  /** Opens a lease; later, if something uses the drivers without one. */
  #openWhenVacant(effect: LeaseEffect & { type: "open" }): void {
    const { lease } = effect;
    const vacant = this.#options.source.vacate?.(lease);
    if (!vacant) return this.#openLease(effect);
    this.#waiting = lease;
    vacant.then(() => {
      // It may have been closed before it was opened.
      if (this.#waiting === lease) this.#openLease(effect);
    });
  }

  #openLease({ lease, listen }: LeaseEffect & { type: "open" }): void {
    this.#waiting = undefined;
    const open = this.#options.source.open({
      lease,
      listen,
      onOpened: () => this.#answer(open, { type: "opened" }),
      onEndSession: () => this.#answer(open, { type: "endSession" }),
    });
    this.#open = open;
  }

  /** Dispatches the answer of `open`, unless that lease has been closed in the meantime. */
  #answer(open: OpenLease | undefined, event: LeaseEvent): void {
    if (open && this.#open === open) this.dispatch(event);
  }

  async #runHook(hook: HookName, client: string): Promise<void> {
    const open = this.#open;
    const outcome = await open?.runHook(hook, client);
    const failure = outcome && !outcome.ok ? outcome.message : undefined;
    this.#answer(open, { type: "hookDone", hook, failure });
  }

  async #awaitReaders(readers: Audience): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const ms = MAX_FINAL_MS - this.#options.source.lingerMs;
    using limit = new Deadline({ ms, signal: open.signal });
    await open.statusRead(readers, limit.signal);
    this.#answer(open, { type: "statusRead" });
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
    this.#waiting = undefined;
    try {
      await open?.[Symbol.asyncDispose]();
    } catch (error) {
      this.#options.log.error(`Cannot close the lease completely: ${messageOf(error)}`);
    }
  }
}
