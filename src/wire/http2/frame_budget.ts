/** A limit on frames that carry no data (CVE-2019-9512, -9514, -9515, -9517, -9518, CVE-2023-44487). @module */
import { ConnectionError, Reason } from "./codes.ts";

/** Frames that a peer may send at once; {@linkcode FrameBudget.refill} restores all of them. */
const FULL = 10_000;
/** Frames that the peer earns with a DATA frame of ours: it may open windows, and ping to measure the round trip. */
const PER_DATA_SENT = 4;
/** Frames that it earns with a stream that both sides have ended. */
const PER_STREAM = 8;

/**
 * Pings, settings, window updates, resets and empty frames cost the peer almost nothing, but
 * cost us an answer or other work. A peer may send a fixed number of them, and more in proportion
 * to the data that we exchange.
 */
export class FrameBudget {
  #left = FULL;

  /** Counts a frame that carries no data. @throws {ConnectionError} ENHANCE_YOUR_CALM */
  spend(cost = 1): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    throw new ConnectionError(
      Reason.ENHANCE_YOUR_CALM,
      `more than ${FULL} frames that carry nothing within seconds`,
    );
  }

  /** Counts a DATA frame that we sent. */
  dataSent(): void {
    this.#earn(PER_DATA_SENT);
  }

  /** Counts a stream that both sides have ended. */
  streamEnded(): void {
    this.#earn(PER_STREAM);
  }

  /** Restores the budget; called every few seconds. */
  refill(): void {
    this.#left = FULL;
  }

  #earn(count: number): void {
    this.#left = Math.min(FULL, this.#left + count);
  }
}
