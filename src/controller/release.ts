/** Giving a lease back to the controller. @module */
import { Code } from "../wire/code.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { ControllerClient } from "./client.ts";
import { type RetryOptions, untilDone } from "./retry.ts";
import type { StatusReporter } from "./status_reporter.ts";
import { fulfilledWithin } from "../base/deadline.ts";

/** With these an old controller refuses exporters that call ReleaseLease. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  Code.PERMISSION_DENIED,
  Code.INVALID_ARGUMENT,
  Code.UNAUTHENTICATED,
  Code.UNIMPLEMENTED,
]);

/** With these a controller says that there is nothing left to release. */
const GONE: ReadonlySet<unknown> = new Set([Code.NOT_FOUND, Code.FAILED_PRECONDITION]);

/**
 * What is told after a release must not overtake it, as an old controller is told by a
 * report that ends whatever lease there is. But no release may keep the exporter
 * from being heard for longer than this.
 */
const HOLD_MS = 5_000;

/** Gives leases back, one at a time. */
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

  /** Begins to release `lease`, for as long as the controller says that it is ours. */
  release(lease: string): void {
    this.#pending?.abort.abort();
    const abort = new AbortController();
    this.#pending = { lease, abort };
    const signal = AbortSignal.any([this.#retry.signal, abort.signal]);
    const released = releaseLease(this.#client, lease, { ...this.#retry, signal });
    this.#reporter.holdUntil(fulfilledWithin(HOLD_MS, released, signal));
  }

  /** The controller announces `lease`, or none: a release of any other has become pointless. */
  heard(lease: string | undefined): void {
    if (this.#pending && this.#pending.lease !== lease) this.#pending.abort.abort();
  }
}

/**
 * Releases `lease` until the controller has understood, or the signal aborts. A
 * controller that refuses ReleaseLease is asked by a status report instead, with a
 * status that draws no new lease: a repeated report would end that one, too.
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

/** A controller that takes no reports either has no way to be told; its lease runs out. */
async function reportRelease(client: ControllerClient, options: RetryOptions): Promise<void> {
  const status = ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK;
  const message = "Lease released by the exporter";
  try {
    await client.reportStatus({ status, message, releaseLease: true }, options.signal);
  } catch (error) {
    if ((error as { code?: unknown }).code !== Code.UNIMPLEMENTED) throw error;
    options.log.warning("the controller takes no releases; the lease ends when its time is over");
  }
}
