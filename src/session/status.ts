/** The status of a session, as GetStatus reports it. @module */
import { cut } from "../text/cut.ts";
import { Code, DriverError } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import type { GetStatusResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { Waiters } from "../base/waiters.ts";

const AVAILABLE = ExporterStatus.EXPORTER_STATUS_AVAILABLE;
const BEFORE = ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK;

/** How long a call waits for an exporter that is starting, in milliseconds. */
const PATIENCE_MS = 30_000;

/** The longest message, in characters: clients show it in one line. */
const MAX_MESSAGE = 4096;

/** The states in which driver calls of clients are served. */
const SERVING: ReadonlySet<ExporterStatus> = new Set([
  ExporterStatus.EXPORTER_STATUS_LEASE_READY,
  ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK,
]);

/** The states after which a client waits for no other: the lease, or its session, is over. */
const FINAL: ReadonlySet<ExporterStatus> = new Set([
  ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED,
  ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK_FAILED,
  ExporterStatus.EXPORTER_STATUS_AVAILABLE,
]);

/** `EXPORTER_STATUS_LEASE_READY` → `LEASE_READY`. */
function statusName(status: ExporterStatus): string {
  return (ExporterStatus[status] ?? String(status)).replace("EXPORTER_STATUS_", "");
}

/** Drivers may not be called in the exporter's present state; official clients raise ExporterNotReady. */
class ExporterNotReady extends DriverError {
  override name = "ExporterNotReady";
  override readonly code = Code.FAILED_PRECONDITION;
  constructor(status: ExporterStatus, reason: string | undefined) {
    const because = reason && FINAL.has(status) ? `: ${reason}` : "";
    super(`Exporter not ready for driver calls (status: ${statusName(status)})${because}`);
  }
}

/** Starts with AVAILABLE and version 0; each update increments the version, even without a change. */
export class SessionStatus {
  #status: ExporterStatus = AVAILABLE;
  #message: string | undefined;
  #previous: ExporterStatus | undefined;
  #version = 0;
  #wasReady = false;
  readonly #changes = new Waiters();
  #onSet: () => void = () => {};

  /** Whether clients wait for no other status. The first AVAILABLE only precedes the lease. */
  get isFinal(): boolean {
    return this.#version > 0 && FINAL.has(this.#status);
  }

  /** Calls `listener` for each status that is set from now on. */
  onSet(listener: () => void): void {
    this.#onSet = listener;
  }

  /** Sets the status. */
  set(status: ExporterStatus, message?: string): void {
    this.#previous = this.#status;
    this.#status = status;
    this.#message = message === undefined ? undefined : cut(message, MAX_MESSAGE);
    this.#version += 1;
    this.#wasReady ||= SERVING.has(status);
    this.#onSet();
    this.#changes.wake();
  }

  /** The answer to GetStatus. */
  get(): GetStatusResponse {
    return {
      status: this.#status,
      message: this.#message,
      statusVersion: this.#version,
      previousStatus: this.#previous,
    };
  }

  /**
   * Waits until a client's driver call may proceed: while beforeLease runs, and at most `patienceMs`
   * for an exporter that is starting. Calls also proceed in AVAILABLE after the end of a session, as
   * a client that has just ended it may still read.
   *
   * @throws {ExporterNotReady}
   */
  async admit(signal: AbortSignal, patienceMs: number = PATIENCE_MS): Promise<void> {
    if (SERVING.has(this.#status)) return;
    while (this.#status === BEFORE && !signal.aborted) await this.#changes.wait(signal);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    while (this.#isEarly && !patience.aborted) await this.#changes.wait(patience);
    if (this.#status === BEFORE && !signal.aborted) return await this.admit(signal, patienceMs);
    const winding = this.#wasReady && this.#status === AVAILABLE;
    if (!SERVING.has(this.#status) && !winding) {
      throw new ExporterNotReady(this.#status, this.#message);
    }
  }

  get #isEarly(): boolean {
    return this.#status === AVAILABLE && !this.#wasReady;
  }
}
