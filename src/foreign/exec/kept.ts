/** A program that runs across leases. @module */
import { withDeadline } from "../../base/deadline.ts";
import type { Launch, Launched } from "../process/launched.ts";

/**
 * Starts a process with the first lease, and again when it has ended. What a lease closes stays
 * open for the next one.
 */
export class KeptProcess {
  readonly #start: Launch;
  readonly #stopping = new AbortController();
  #process: Promise<Launched> | undefined;

  constructor(start: Launch) {
    this.#start = start;
  }

  /** The process for one lease. An aborted wait does not end it. */
  readonly launch: Launch = async (signal) => {
    this.#stopping.signal.throwIfAborted();
    this.#process ??= this.#begin();
    const process = await withDeadline(this.#process, { signal });
    return { ...process, close: () => Promise.resolve() };
  };

  /** Ends the process, also while it starts. @see {@linkcode Launched.close} */
  async dispose(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const process = await this.#process?.catch(() => undefined);
    await process?.close(graceMs);
  }

  #begin(): Promise<Launched> {
    const process = this.#start(this.#stopping.signal);
    const forget = () => {
      if (this.#process === process) this.#process = undefined;
    };
    process.then(({ ended }) => ended.then(forget), forget);
    return process;
  }
}
