/** Keeps the controller informed of the exporter's status. @module */
import { cut } from "../text/cut.ts";
import { Code } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { ControllerClient } from "./client.ts";
import { SleepGroup } from "../base/sleep.ts";
import { type RetryOptions, untilDone } from "./retry.ts";

/** Longest message in characters: the controller stores it in the Exporter object. */
const MAX_MESSAGE = 4096;

/** The status that the controller should have. */
export interface DesiredStatus {
  readonly status: ExporterStatus;
  readonly message: string;
}

/**
 * Sends the latest status until the controller has acknowledged it. A later status replaces one
 * that is still to be sent, so the last one sent is the present one.
 */
export class StatusReporter {
  readonly #client: ControllerClient;
  readonly #retry: RetryOptions;
  #desired: DesiredStatus | undefined;
  #acknowledged: DesiredStatus | undefined;
  #running: Promise<void> | undefined;
  #held: Promise<unknown> = Promise.resolve();
  readonly #waits = new SleepGroup();
  #silent = false;

  /** @param retry how ReportStatus is repeated */
  constructor(client: ControllerClient, retry: RetryOptions) {
    this.#client = client;
    this.#retry = retry;
  }

  /** Sets the status to send. Returns at once. */
  set(desired: DesiredStatus): void {
    // A copy: the same status for the next lease is another object, and so is sent again.
    this.#desired = { ...desired, message: cut(desired.message, MAX_MESSAGE) };
    this.#running ??= this.#run();
  }

  /** Whether the exporter may get a lease. */
  get isAvailable(): boolean {
    return this.#desired?.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE;
  }

  /** Sends nothing until `earlier` has settled. */
  holdUntil(earlier: Promise<unknown>): void {
    const before = this.#held;
    this.#held = Promise.allSettled([before, earlier]);
  }

  /** Sends the latest status again, without a wait: the controller may have lost it. */
  repeat(): void {
    if (this.#desired) this.set(this.#desired);
    this.#waits.wake();
  }

  /** Resolves when the controller has the latest status, or the signal has aborted. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // The await also lets the caller store the promise of this run before the run can end.
    await this.#held;
    while (this.#desired !== this.#acknowledged && !this.#retry.signal.aborted) {
      const retry = { ...this.#retry, waits: this.#waits };
      this.#acknowledged = await untilDone(() => this.#send(), retry);
    }
    this.#running = undefined;
  }

  /** Sends the present status, which may be later than that of the first attempt. */
  async #send(): Promise<DesiredStatus> {
    const desired = this.#desired!;
    try {
      await this.#client.reportStatus({ ...desired, releaseLease: undefined }, this.#retry.signal);
    } catch (error) {
      if ((error as { code?: unknown }).code !== Code.UNIMPLEMENTED) throw error;
      if (!this.#silent) {
        this.#retry.log.warning("this version of the controller takes no status reports");
      }
      this.#silent = true;
    }
    return desired;
  }
}
