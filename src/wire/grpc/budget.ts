/**
 * Limits the memory of all calls: messages that are incomplete or wait to be read, answers that
 * wait to be sent, and decoded requests. Near the limit calls are slowed down; beyond it, the call
 * with the most memory is ended.
 *
 * @module
 */

import { MemoryRelease } from "./memory_release.ts";

/** A call whose memory is counted. */
export interface BudgetedCall {
  /** Must free its memory and end the call; from now on its memory is not counted. */
  evict(reason: string): void;
}

/** Limits in bytes. */
export interface BudgetLimits {
  /** For the calls of one connection. */
  readonly connection: number;
  /** For the calls of all connections. */
  readonly total: number;
}

/**
 * A quarter of the limit of a connection, 16 MiB, equals its flow-control window: no normal client
 * needs more. Decoded requests are in a heap of 256 MB.
 */
const LIMITS: BudgetLimits = { connection: 64 * 1024 * 1024, total: 128 * 1024 * 1024 };

/** The part of a limit from which on calls are slowed down. */
const TIGHT = 1 / 4;

/** Evictions are reported at most once in this time, in milliseconds. */
const REPORT_MS = 10_000;

/** Counts the memory of all calls of a process. */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #shares = new Set<Share>();
  readonly #release = new MemoryRelease();
  /** The bytes of all calls. */
  held = 0;
  #evicted = 0;
  #reported = -Infinity;

  constructor(limits: BudgetLimits = LIMITS) {
    this.limits = limits;
  }

  /** The share of one connection. It needs no disposal: it ends with its calls. */
  open(report: (line: string) => void = () => {}): Share {
    return new Share(this, report);
  }

  /** @internal The bytes of `share` have changed by `bytes`. */
  changed(share: Share, bytes: number): void {
    this.held += bytes;
    this.#release.watch(this.held);
    if (share.held > 0) this.#shares.add(share);
    else this.#shares.delete(share);
    while (this.held > this.limits.total) {
      const largest = largestOf(this.#shares, ({ held }) => held)!;
      largest.evict(`the calls of all clients keep more than ${this.limits.total} bytes in memory`);
    }
  }

  /** @internal Counts an eviction. @returns the number since the last report, when it is time for one */
  countEviction(): number | undefined {
    this.#evicted += 1;
    const now = performance.now();
    if (now - this.#reported < REPORT_MS) return undefined;
    const count = this.#evicted;
    this.#reported = now;
    this.#evicted = 0;
    return count;
  }
}

/** The memory of the calls of one connection. */
export class Share {
  readonly #budget: Budget;
  readonly #report: (line: string) => void;
  readonly #calls = new Map<BudgetedCall, number>();
  held = 0;

  constructor(budget: Budget, report: (line: string) => void) {
    this.#budget = budget;
    this.#report = report;
  }

  /** Whether memory is short, so that calls should use as little as possible. */
  get tight(): boolean {
    const { held, limits } = this.#budget;
    return this.held > limits.connection * TIGHT || held > limits.total * TIGHT;
  }

  /** Sets the memory of `call`. May evict it, or another call. */
  set(call: BudgetedCall, bytes: number): void {
    const change = bytes - (this.#calls.get(call) ?? 0);
    if (change === 0) return;
    if (bytes > 0) this.#calls.set(call, bytes);
    else this.#calls.delete(call);
    this.held += change;
    this.#budget.changed(this, change);
    const { connection } = this.#budget.limits;
    while (this.held > connection) {
      this.evict(`the calls of one client keep more than ${connection} bytes in memory`);
    }
  }

  /** @internal Ends the call with the most memory. */
  evict(reason: string): void {
    const [call] = largestOf(this.#calls, ([, bytes]) => bytes)!;
    this.set(call, 0);
    const count = this.#budget.countEviction();
    if (count !== undefined) this.#report(`ended ${count} calls of clients: ${reason}`);
    call.evict(`${reason}, and this one most`);
  }
}

function largestOf<Item>(items: Iterable<Item>, sizeOf: (item: Item) => number): Item | undefined {
  let largest: Item | undefined;
  let most = -1;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > most) [largest, most] = [item, size];
  }
  return largest;
}
