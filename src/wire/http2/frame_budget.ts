/** A bound on frames that carry nothing (CVE-2019-9512, -9514, -9515, -9517, -9518, CVE-2023-44487). @module */
import { ConnectionError, Reason } from "./codes.ts";

/** What a peer may spend at once; it has as much again after each {@linkcode FrameBudget.refill}. */
const FULL = 10_000;
/** Frames of the peer that a DATA frame of ours accounts for: it may open windows and ask for the round trip. */
const PER_DATA_SENT = 4;
/** The same for a stream that both sides have ended. */
const PER_STREAM = 8;

/**
 * Pings, settings, window updates, resets and empty frames cost the peer nearly nothing
 * and us an answer or work. A peer may send many, and as many as the data asks for.
 */
export class FrameBudget {
  #left = FULL;

  /** A frame that carries nothing has come. @throws {ConnectionError} ENHANCE_YOUR_CALM */
  spend(cost = 1): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    throw new ConnectionError(
      Reason.ENHANCE_YOUR_CALM,
      `more than ${FULL} frames that carry nothing within seconds`,
    );
  }

  /** A DATA frame was sent. */
  dataSent(): void {
    this.#earn(PER_DATA_SENT);
  }

  /** Both sides have ended a stream. */
  streamEnded(): void {
    this.#earn(PER_STREAM);
  }

  /** Seconds have passed. */
  refill(): void {
    this.#left = FULL;
  }

  #earn(count: number): void {
    this.#left = Math.min(FULL, this.#left + count);
  }
}
