/** The exporter's status as a value to be made true at the controller. @module */
import { cut } from "../text/cut.ts";
import { Code } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { ControllerClient } from "./client.ts";
import { Hurry } from "../base/sleep.ts";
import { type RetryOptions, untilDone } from "./retry.ts";

/** Longest message, in characters: it becomes part of an object that is stored. */
const MAX_MESSAGE = 4096;

/** What the controller is to know. */
export interface DesiredStatus {
  readonly status: ExporterStatus;
  readonly message: string;
}

/**
 * Sends the latest status until the controller has taken it. A later status replaces
 * one that is still under way, so what the controller hears last is what holds.
 */
export class StatusReporter {
  readonly #client: ControllerClient;
  readonly #retry: RetryOptions;
  #desired: DesiredStatus | undefined;
  #acknowledged: DesiredStatus | undefined;
  #running: Promise<void> | undefined;
  #held: Promise<unknown> = Promise.resolve();
  readonly #hurry = new Hurry();
  #silent = false;

  /** @param retry how ReportStatus is repeated. */
  constructor(client: ControllerClient, retry: RetryOptions) {
    this.#client = client;
    this.#retry = retry;
  }

  /** Makes `desired` the status to be told. Returns at once. */
  set(desired: DesiredStatus): void {
    // A copy, so that the same status told for the next lease is not taken for told already.
    this.#desired = { ...desired, message: cut(desired.message, MAX_MESSAGE) };
    this.#running ??= this.#run();
  }

  /** Whether the controller is to give out the exporter. */
  get isAvailable(): boolean {
    return this.#desired?.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE;
  }

  /** Tells nothing more before `earlier` has ended. */
  holdUntil(earlier: Promise<unknown>): void {
    const before = this.#held;
    this.#held = Promise.allSettled([before, earlier]);
  }

  /** Tells the latest status once more, and now: the controller may have forgotten it. */
  repeat(): void {
    if (this.#desired) this.set(this.#desired);
    this.#hurry.now();
  }

  /** Resolves when the controller has the latest status, or the signal has aborted. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Also: the caller's `set` must have stored this promise before it can end.
    await this.#held;
    while (this.#desired !== this.#acknowledged && !this.#retry.signal.aborted) {
      const retry = { ...this.#retry, hurry: this.#hurry };
      this.#acknowledged = await untilDone(() => this.#send(), retry);
    }
    this.#running = undefined;
  }

  /** Sends what is desired now, which may be later than what was desired at the first attempt. */
  async #send(): Promise<DesiredStatus> {
    const desired = this.#desired!;
    try {
      await this.#client.reportStatus({ ...desired, releaseLease: undefined }, this.#retry.signal);
    } catch (error) {
      if ((error as { code?: unknown }).code !== Code.UNIMPLEMENTED) throw error;
      if (!this.#silent) {
        this.#retry.log.warning("the controller is of a version that takes no status reports");
      }
      this.#silent = true;
    }
    return desired;
  }
}
