/** Releases leases at the controller. @module */
import { Code } from "../wire/code.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { ControllerClient } from "./client.ts";
import { type RetryOptions, untilDone } from "./retry.ts";
import type { StatusReporter } from "./status_reporter.ts";
import { fulfilledWithin } from "../base/deadline.ts";

/** Statuses with which an old controller refuses ReleaseLease to exporters. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  Code.PERMISSION_DENIED,
  Code.INVALID_ARGUMENT,
  Code.UNAUTHENTICATED,
  Code.UNIMPLEMENTED,
]);

/** Statuses with which a controller says that there is nothing left to release. */
const GONE: ReadonlySet<unknown> = new Set([Code.NOT_FOUND, Code.FAILED_PRECONDITION]);

/**
 * Longest time, in milliseconds, that a release holds up later status reports. They must not
 * overtake it, as a release at an old controller is a report that ends whatever lease there is.
 */
const HOLD_MS = 5_000;

/** Releases leases, one at a time. */
export class LeaseReleaser {
  readonly #client: ControllerClient;
  readonly #reporter: StatusReporter;
  readonly #retry: RetryOptions;
  #pending: { readonly lease: string; readonly abort: AbortController } | undefined;

  constructor(client: ControllerClient, reporter: StatusReporter, retry: RetryOptions) {
    this.#client = client;
    this.#reporter = reporter;
    this.#retry = retry;
  }

  /** Begins to release `lease`, until the controller no longer assigns it to this exporter. */
  release(lease: string): void {
    this.#pending?.abort.abort();
    const abort = new AbortController();
    this.#pending = { lease, abort };
    const signal = AbortSignal.any([this.#retry.signal, abort.signal]);
    const released = releaseLease(this.#client, lease, { ...this.#retry, signal });
    this.#reporter.holdUntil(fulfilledWithin(HOLD_MS, released, signal));
  }

  /** Takes the lease that the controller assigns, or none: a release of another one ends. */
  announced(lease: string | undefined): void {
    if (this.#pending && this.#pending.lease !== lease) this.#pending.abort.abort();
  }
}

/**
 * Releases `lease` until the controller has confirmed it, or the signal aborts. A controller that
 * refuses ReleaseLease gets a status report instead, with a status that draws no new lease: a
 * repeated report would end that one, too.
 */
async function releaseLease(
  client: ControllerClient,
  lease: string,
  options: RetryOptions,
): Promise<void> {
  await untilDone(async () => {
    try {
      await client.releaseLease(lease, options.signal);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (GONE.has(code)) return;
      if (!REFUSALS.has(code)) throw error;
      await reportRelease(client, options);
    }
  }, options);
}

/** At a controller without status reports the lease stays until it expires. */
async function reportRelease(client: ControllerClient, options: RetryOptions): Promise<void> {
  const status = ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK;
  const message = "Lease released by the exporter";
  try {
    await client.reportStatus({ status, message, releaseLease: true }, options.signal);
  } catch (error) {
    if ((error as { code?: unknown }).code !== Code.UNIMPLEMENTED) throw error;
    options.log.warning("the controller takes no releases; the lease ends when it expires");
  }
}
